import { pipeline, Readable } from 'node:stream';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { AppError, asAppError } from '@gitprotect/shared/errors';
import { openAge } from '../storage/age.ts';
import type { Storage } from '../storage/storage.ts';
import { asDamage } from './damage.ts';
import type { ManifestPlace } from './manifest-object.ts';
import type { MetadataLink } from './manifest.ts';
import type { MetadataRecord } from './metadata-record.ts';

/** A record that stands. */
export interface LiveRecord {
  readonly kind: string;
  readonly key: string;
  readonly value: unknown;
}

/**
 * Writes records as lines of JSON, zstd and sealed, as they come. No record, no object: then it resolves to `null`. `storage` seals what it writes.
 */
export async function writeMetadata(
  storage: Storage,
  name: string,
  records: AsyncIterable<MetadataRecord>,
  { signal }: { signal: AbortSignal },
): Promise<MetadataLink | null> {
  const iterator = records[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return null;
  let count = 0;
  const lines = async function* (): AsyncGenerator<string, void> {
    try {
      for (let next: IteratorResult<MetadataRecord, unknown> = first; next.done !== true; next = await iterator.next()) {
        count += 1;
        yield lineOf(next.value);
      }
    } finally {
      await iterator.return?.();
    }
  };
  const compressed = createZstdCompress();
  // What goes wrong on either side destroys the other; whoever reads here is told by the stream itself.
  pipeline(Readable.from(lines()), compressed, () => undefined);
  const stored = await storage.put(name, compressed, { signal });
  return { object: name, ...stored, records: count };
}

/** Kind and key come first: a reader that knows a newer record need not parse the rest. */
const lineOf = (record: MetadataRecord): string =>
  `${JSON.stringify('gone' in record ? record : { kind: record.kind, key: record.key, value: record.value })}\n`;

const head = /^\{"kind":"([a-z-]+)","key":"([A-Za-z0-9.:_-]+)",/;

export interface ReadMetadataOptions {
  readonly signal: AbortSignal;
  /** Only these. */
  readonly kinds?: readonly string[] | undefined;
}

/**
 * The records that stand after a chain of objects, the newest object first, each once. Only keys are held, never values.
 * @throws AppError `backup-damaged` with the object in `facts.object`
 */
export async function* readMetadata(
  { storage, keys }: ManifestPlace,
  chain: readonly MetadataLink[],
  { signal, kinds }: ReadMetadataOptions,
): AsyncGenerator<LiveRecord, void> {
  const seen = new Set<string>();
  for (const { object, bytes, sha256 } of chain.toReversed()) {
    try {
      const sealed = await storage.get(object, { signal, expect: { bytes, sha256 } });
      for await (const line of linesOf(openAge(sealed, keys.identity, object), object)) {
        const [, kind, key] = head.exec(line) ?? [];
        if (kind === undefined || key === undefined) throw broken(object);
        const name = `${kind} ${key}`;
        if (seen.has(name) || kinds?.includes(kind) === false) continue;
        seen.add(name);
        const record = parse(line, object);
        if ('value' in record) yield { kind, key, value: record.value };
      }
    } catch (error) {
      signal.throwIfAborted();
      throw asDamage(object, asAppError(error));
    }
  }
}

/** More than any pull request, less than what a text can hold. */
const longestLine = 256 * 1024 * 1024;

async function* linesOf(source: AsyncIterable<Uint8Array>, object: string): AsyncGenerator<string, void> {
  const plain = createZstdDecompress();
  let failure: unknown;
  pipeline(Readable.from(source, { objectMode: false }), plain, (error) => (failure = error));
  let [begun, size]: [Buffer[], number] = [[], 0];
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        begun.push(chunk.subarray(from, end));
        yield Buffer.concat(begun).toString('utf8');
        [begun, size] = [[], 0];
        from = end + 1;
      }
      begun.push(chunk.subarray(from));
      size += chunk.length - from;
      if (size > longestLine) throw broken(object);
    }
  } catch (error) {
    throw failure ?? error;
  }
  if (size > 0) throw broken(object);
}

function parse(line: string, object: string): object {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record === 'object' && record !== null) return record;
  } catch {
    // Falls through: what is no JSON and what is no record are damaged alike.
  }
  throw broken(object);
}

function broken(object: string): AppError {
  return new AppError('storage-corrupt', `${object} holds a line that is no record`, {
    remedy: 'put the object back from a copy of the storage',
    facts: { object },
  });
}
