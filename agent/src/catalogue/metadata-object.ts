import { pipeline, Readable } from 'node:stream';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { AppError, asAppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { openAge } from '../storage/age.ts';
import type { Storage } from '../storage/storage.ts';
import { asDamage } from './damage.ts';
import type { ManifestPlace } from './manifest-object.ts';
import type { MetadataLink } from './manifest.ts';
import { indexKey } from './metadata-index.ts';
import type { MetadataRecord } from './metadata-record.ts';

/** A record that stands. */
export type LiveRecord = Extract<MetadataRecord, { value: unknown }>;

export interface ReadMetadataOptions {
  readonly signal: AbortSignal;
  /** Only these. */
  readonly kinds?: readonly string[] | undefined;
}

/** Far above any real record: an attachment of 90 MB as Base64. */
const longestLine = 128 * 1024 * 1024;

const Line = v.looseObject({ kind: v.string(), key: v.string(), gone: v.optional(v.literal(true)), value: v.optional(v.unknown()) });

/**
 * Streams records into one object, a line of JSON each. Without any record there is no object, and the answer is `null`.
 * @param storage seals what it writes
 * @param name of `newMetadataName`
 */
export async function writeMetadata(
  storage: Storage,
  name: string,
  records: AsyncIterable<MetadataRecord>,
  { signal }: { readonly signal: AbortSignal },
): Promise<MetadataLink | null> {
  const rest = records[Symbol.asyncIterator]();
  const first = await rest.next();
  if (first.done === true) return null;
  let count = 0;
  async function* lines(): AsyncGenerator<Buffer> {
    try {
      for (let next: IteratorResult<MetadataRecord> = first; next.done !== true; next = await rest.next()) {
        count += 1;
        yield Buffer.from(`${JSON.stringify(next.value)}\n`);
      }
    } finally {
      await rest.return?.();
    }
  }
  const packed = createZstdCompress();
  // What goes wrong is thrown to whoever reads `packed`.
  pipeline(Readable.from(lines(), { highWaterMark: 1 }), packed, () => undefined);
  const stored = await storage.put(name, packed, { signal });
  return { object: name, ...stored, records: count };
}

/**
 * The records that stand, each once: the newest objects are read first, and what they hold hides what older ones say. Only keys are held.
 * @param place its storage is the plain one
 * @throws AppError `backup-damaged` with the object in `facts.object`, also after some of its records
 */
export async function* readMetadata(
  place: ManifestPlace,
  chain: readonly MetadataLink[],
  { signal, kinds }: ReadMetadataOptions,
): AsyncGenerator<LiveRecord> {
  const seen = new Set<string>();
  for (const link of chain.toReversed()) {
    for await (const record of recordsIn(link, place, { signal, kinds })) {
      const key = indexKey(record);
      if (seen.has(key)) continue;
      seen.add(key);
      if ('value' in record) yield record;
    }
  }
}

async function* recordsIn(
  link: MetadataLink,
  { storage, keys }: ManifestPlace,
  { signal, kinds }: ReadMetadataOptions,
): AsyncGenerator<MetadataRecord> {
  const { object, bytes, sha256 } = link;
  let count = 0;
  const lines = async function* (): AsyncGenerator<Buffer> {
    try {
      const opened = openAge(await storage.get(object, { signal, expect: { bytes, sha256 } }), keys.identity, object);
      const unpacked = createZstdDecompress();
      pipeline(Readable.from(opened), unpacked, () => undefined);
      yield* linesOf(unpacked, object);
    } catch (error) {
      signal.throwIfAborted();
      // zstd's own errors are about the bytes as well.
      throw asDamage(object, error instanceof AppError ? error : broken(object, 'it is not zstd', error));
    }
  };
  for await (const line of lines()) {
    count += 1;
    // The kind comes first, so what is not wanted need not be parsed.
    if (kinds !== undefined && !kinds.some((kind) => line.toString('latin1', 0, 80).startsWith(`{"kind":"${kind}"`))) continue;
    yield recordOf(line, object);
  }
  if (count !== link.records) throw asDamage(object, broken(object, `it has ${count} records where ${link.records} were written`));
}

async function* linesOf(source: AsyncIterable<Buffer>, object: string): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of source) {
    let from = 0;
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, from)) {
      yield Buffer.concat([...pieces, piece.subarray(from, end)]);
      pieces = [];
      length = 0;
      from = end + 1;
    }
    length += piece.length - from;
    if (length > longestLine) throw broken(object, 'one of its lines is longer than any record');
    if (from < piece.length) pieces.push(piece.subarray(from));
  }
  if (length > 0) throw broken(object, 'its last line is cut off');
}

function recordOf(line: Buffer, object: string): MetadataRecord {
  let content: unknown;
  try {
    content = JSON.parse(line.toString('utf8'));
  } catch (error) {
    throw asDamage(object, broken(object, 'one of its lines is not JSON', error));
  }
  const read = v.safeParse(Line, content);
  if (!read.success) throw asDamage(object, broken(object, 'one of its lines is no record'));
  const { kind, key, gone, value } = read.output;
  return gone === true ? { kind, key, gone } : { kind, key, value };
}

function broken(object: string, why: string, cause?: unknown): AppError {
  return new AppError('storage-corrupt', `${object} cannot be read: ${why}`, {
    remedy: 'put the object back from a copy of the storage; other snapshots may still restore',
    facts: { name: object },
    cause: cause === undefined ? undefined : asAppError(cause),
  });
}
