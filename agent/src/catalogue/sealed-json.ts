import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { openAge, sealAge } from '../storage/age.ts';
import { bytesOf, streamOf } from '../storage/bytes.ts';
import type { ManifestPlace } from './manifest-object.ts';
import type { NamedHash } from './ledger-list.ts';

const sizeLimit = 200_000_000;

/** Writes a small record: JSON in zstd in age. `place` has the plain storage. @throws AppError `storage-exists` when the name is taken */
export async function writeSealedJson(
  { storage, keys }: ManifestPlace,
  name: string,
  value: unknown,
  signal: AbortSignal,
): Promise<NamedHash> {
  const bytes = await promisify(zstdCompress)(`${JSON.stringify(value, null, 1)}\n`);
  const { sha256 } = await storage.put(name, sealAge(streamOf(bytes), keys.recipients), { signal });
  return { name, sha256 };
}

/**
 * Reads such a record back, with the hash of its sealed bytes.
 * @throws AppError `not-found`, or `storage-corrupt` when it is not what `schema` says
 */
export async function readSealedJson<S extends v.GenericSchema>(
  { storage, keys }: ManifestPlace,
  name: string,
  schema: S,
  signal: AbortSignal,
): Promise<{ readonly value: v.InferOutput<S>; readonly sha256: string }> {
  const sealed = await bytesOf(await storage.get(name, { signal }), sizeLimit, name);
  const packed = await bytesOf(openAge(streamOf(sealed), keys.identity, name), sizeLimit, name);
  let content: unknown;
  try {
    content = JSON.parse((await promisify(zstdDecompress)(packed, { maxOutputLength: sizeLimit })).toString('utf8'));
  } catch (error) {
    throw unreadable(name, 'it is not JSON in zstd', error);
  }
  const read = v.safeParse(schema, content);
  if (!read.success) throw unreadable(name, 'its fields are not those of such a record');
  return { value: read.output, sha256: createHash('sha256').update(sealed).digest('hex') };
}

function unreadable(name: string, why: string, cause?: unknown): AppError {
  return new AppError('storage-corrupt', `${name} cannot be read: ${why}`, {
    remedy: 'put the object back from a copy of the storage',
    facts: { name },
    cause,
  });
}
