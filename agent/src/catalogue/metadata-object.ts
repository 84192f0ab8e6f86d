import { pipeline, Readable } from 'node:stream';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { AppError, asAppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { openAge } from '../storage/age.ts';
import type { Storage } from '../storage/storage.ts';
import { asDamage } from './damage.ts';
import type { ManifestPlace } from './manifest-object.ts';
import type { MetadataLink } from './manifest.ts';
import type { ReadLink } from './merges.ts';
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

const lineFeed = Buffer.from('\n');

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
  const lines = async function* (): AsyncGenerator<Buffer> {
    for await (const record of records) yield Buffer.from(JSON.stringify(record));
  };
  return writeLines(storage, name, lines(), { signal });
}

/** As `writeMetadata`, of records that are lines already, without their line feeds. */
export async function writeLines(
  storage: Storage,
  name: string,
  records: AsyncIterable<Buffer>,
  { signal }: { readonly signal: AbortSignal },
): Promise<MetadataLink | null> {
  const rest = records[Symbol.asyncIterator]();
  const first = await rest.next();
  if (first.done === true) return null;
  let count = 0;
  async function* lines(): AsyncGenerator<Buffer> {
    try {
      for (let next: IteratorResult<Buffer> = first; next.done !== true; next = await rest.next()) {
        count += 1;
        yield Buffer.concat([next.value, lineFeed]);
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
 * The records that stand, each once: the newest objects are read first, and what they hold hides what older ones say, as in an object the first
 * line of a key hides others. Only keys are held. An object that is damaged is replaced by what it was merged from, if that is there.
 * @param place its storage is the plain one
 * @throws AppError `backup-damaged` with the object in `facts.object`, also after some of its records
 */
export async function* readMetadata(
  place: ManifestPlace,
  chain: readonly ReadLink<MetadataLink>[],
  options: ReadMetadataOptions,
): AsyncGenerator<LiveRecord> {
  const seen = new Set<string>();
  for await (const record of recordsOf(place, chain, options)) {
    const key = indexKey(record);
    if (seen.has(key)) continue;
    seen.add(key);
    if ('value' in record) yield record;
  }
}

/** All records, the newest first; some twice where an object turned out to be damaged. */
async function* recordsOf(
  place: ManifestPlace,
  chain: readonly ReadLink<MetadataLink>[],
  options: ReadMetadataOptions,
): AsyncGenerator<MetadataRecord> {
  for (const link of chain.toReversed()) {
    try {
      for await (const { record } of readRecords(link, place, options)) yield record;
    } catch (error) {
      if (link.instead === undefined || !(error instanceof AppError) || error.code !== 'backup-damaged') throw error;
      yield* recordsOf(place, link.instead, options);
    }
  }
}

/**
 * The records of one object, each with its place in it, but for those that `link.skip` leaves out.
 * @throws AppError `backup-damaged`, also after some of them
 */
export async function* readRecords(
  link: MetadataLink,
  place: ManifestPlace,
  { signal, kinds }: ReadMetadataOptions,
): AsyncGenerator<{ readonly record: MetadataRecord; readonly line: number }> {
  const { object, skip = 0 } = link;
  let count = 0;
  for await (const line of readLines(link, place, signal)) {
    count += 1;
    if (count <= skip) continue;
    // The kind comes first, so what is not wanted need not be parsed.
    if (kinds !== undefined && !kinds.some((kind) => line.toString('latin1', 0, 80).startsWith(`{"kind":"${kind}"`))) continue;
    yield { record: recordOf(line, object), line: count };
  }
  if (count !== link.records) throw asDamage(object, broken(object, `it has ${count} records where ${link.records} were written`));
}

/** The lines of one object, without their line feeds. @throws AppError `backup-damaged` */
export async function* readLines(
  { object, bytes, sha256 }: MetadataLink,
  { storage, keys }: ManifestPlace,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
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
