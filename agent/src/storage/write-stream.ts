import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Stored } from './storage.ts';

/** Small enough to stay in the processor's cache between cipher, hash and write: a megabyte costs twice the system time. */
const slabBytes = 256 * 1024;

/**
 * Writes a stream to the end of a file, and says what was written. Pieces of any size are gathered in one of two slabs while the other is
 * on its way to the disk. `taken` is told the bytes taken from `source` so far.
 */
export async function writeStream(handle: FileHandle, source: AsyncIterable<Uint8Array>, taken: (bytes: number) => void): Promise<Stored> {
  const hash = createHash('sha256');
  let [filling, spare] = [Buffer.allocUnsafeSlow(slabBytes), Buffer.allocUnsafeSlow(slabBytes)];
  let filled = 0;
  let bytes = 0;
  let writing = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    const slab = filling.subarray(0, filled);
    // appendFile, because write may write less than it is given.
    writing = handle.appendFile(slab);
    // It may fail while the source is waited for; who awaits it hears of it.
    writing.catch(() => undefined);
    hash.update(slab);
    [filling, spare] = [spare, filling];
    filled = 0;
  };
  try {
    for await (const piece of source) {
      for (let at = 0; at < piece.length;) {
        const part = piece.subarray(at, at + slabBytes - filled);
        filling.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === slabBytes) await flush();
      }
      bytes += piece.length;
      taken(bytes);
    }
    await flush();
  } finally {
    await writing;
  }
  return { bytes, sha256: hash.digest('hex') };
}
