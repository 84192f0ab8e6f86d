import { createHash } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import { openAge } from '../storage/age.ts';
import type { Stored } from '../storage/storage.ts';
import type { ManifestPlace } from './manifest-object.ts';

/**
 * Reads a large file and compares it with its name. Answers size and hash of the sealed bytes.
 * @throws AppError `storage-corrupt` when it is not what its name says, `storage-foreign` when it is sealed to another key, `not-found`
 */
export async function readLargeFile({ storage, keys }: ManifestPlace, name: string, oid: string, signal: AbortSignal): Promise<Stored> {
  let bytes = 0;
  const sealed = createHash('sha256');
  const counted = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      bytes += piece.length;
      sealed.update(piece);
      yield piece;
    }
  };
  const plain = createHash('sha256');
  for await (const piece of openAge(counted(await storage.get(name, { signal })), keys.identity, name)) plain.update(piece);
  const actual = plain.digest('hex');
  if (actual === oid) return { bytes, sha256: sealed.digest('hex') };
  throw new AppError('storage-corrupt', `${name} was changed in storage: what is in it has the SHA-256 ${actual}`, {
    remedy: 'put the object back from a copy of the storage',
    facts: { name },
  });
}
