import { createHash } from 'node:crypto';
import type { Stored } from './storage.ts';

export interface SlabWriter {
  readonly slabBytes: number;
  /** Writes a slab to the end of what there is, `position` bytes so far. The slab is not touched before this resolves. */
  readonly write: (slab: Buffer, position: number) => Promise<unknown>;
  /** Told the bytes taken from the source so far. */
  readonly taken: (bytes: number) => void;
}

/** Writes a stream, and says what was written. Pieces of any size are gathered in one of two slabs while the other is on its way. */
export async function writeInSlabs(source: AsyncIterable<Uint8Array>, { slabBytes, write, taken }: SlabWriter): Promise<Stored> {
  const hash = createHash('sha256');
  let [filling, spare] = [Buffer.allocUnsafeSlow(slabBytes), Buffer.allocUnsafeSlow(slabBytes)];
  let filled = 0;
  let bytes = 0;
  let position = 0;
  let writing: Promise<unknown> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    const slab = filling.subarray(0, filled);
    writing = write(slab, position);
    // It may fail while the source is waited for; who awaits it hears of it.
    writing.catch(() => undefined);
    hash.update(slab);
    position += filled;
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
