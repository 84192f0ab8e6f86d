import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { bytesOf, streamOf } from '../storage/bytes.ts';
import type { Storage } from '../storage/storage.ts';
import type { NamedHash } from './ledger-list.ts';
import { fromZstdJson, toZstdJson } from './zstd-json.ts';

const sizeLimit = 200_000_000;

/** Writes a small record: JSON in zstd. `storage` seals it. @throws AppError `storage-exists` when the name is taken */
export async function writeSealedJson(storage: Storage, name: string, value: unknown, signal: AbortSignal): Promise<NamedHash> {
  const bytes = await toZstdJson(value);
  const { sha256 } = await storage.put(name, streamOf(bytes), { signal });
  return { name, sha256 };
}

/**
 * Reads such a record back. `storage` opens it.
 * @throws AppError `not-found`, or `storage-corrupt` when it is not what `schema` says
 */
export async function readSealedJson<S extends v.GenericSchema>(
  storage: Storage,
  name: string,
  schema: S,
  signal: AbortSignal,
): Promise<v.InferOutput<S>> {
  const packed = await bytesOf(await storage.get(name, { signal }), sizeLimit, name);
  let content: unknown;
  try {
    content = await fromZstdJson(packed, sizeLimit);
  } catch (error) {
    throw unreadable(name, 'it is not JSON in zstd', error);
  }
  const read = v.safeParse(schema, content);
  if (!read.success) throw unreadable(name, 'its fields are not those of such a record');
  return read.output;
}

function unreadable(name: string, why: string, cause?: unknown): AppError {
  return new AppError('storage-corrupt', `${name} cannot be read: ${why}`, {
    remedy: 'put the object back from a copy of the storage',
    facts: { name },
    cause,
  });
}
