import { createHash } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import type { Stored } from './storage.ts';

/** Passes an object's bytes on, and throws `storage-corrupt` at their end when they are not the ones once written. */
export async function* expected(source: AsyncIterable<Uint8Array>, expect: Stored, name: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of source) {
    hash.update(chunk);
    bytes += chunk.length;
    yield chunk;
  }
  if (bytes === expect.bytes && hash.digest('hex') === expect.sha256) return;
  const what = bytes === expect.bytes ? 'other bytes than were written' : `${bytes} bytes where ${expect.bytes} were written`;
  throw new AppError('storage-corrupt', `${name} is damaged in storage: it has ${what}`, {
    remedy: 'put the object back from a copy of the storage; snapshots that do not use it still restore',
    facts: { name },
  });
}
