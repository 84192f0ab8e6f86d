import { AppError } from '@gitprotect/shared/errors';
import type { Storage } from './storage.ts';

/** What is wrong with an object whose bytes have this SHA-256 when they are as written, in words, or `null`. Reads all of it; rejects where the storage cannot be read at all. */
export async function damageOf(storage: Storage, name: string, sha256: string, signal: AbortSignal): Promise<string | null> {
  const found = await storage.stat(name);
  if (found === undefined) return 'it is missing';
  try {
    for await (const _ of await storage.get(name, { signal, expect: { bytes: found.bytes, sha256 } })) signal.throwIfAborted();
    return null;
  } catch (error) {
    if (error instanceof AppError && (error.code === 'storage-corrupt' || error.code === 'not-found')) return 'it is damaged';
    throw error;
  }
}
