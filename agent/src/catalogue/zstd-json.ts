import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';

/** What every record in storage is before it is sealed: JSON, each list item on a line of its own, in zstd. */
export async function toZstdJson(value: unknown): Promise<Buffer> {
  return promisify(zstdCompress)(`${JSON.stringify(value, null, 1)}\n`);
}

/** Reads such a record. Rejects when it is none, or would be larger than `limit` bytes. */
export async function fromZstdJson(bytes: Uint8Array, limit: number): Promise<unknown> {
  return JSON.parse((await promisify(zstdDecompress)(bytes, { maxOutputLength: limit })).toString('utf8'));
}
