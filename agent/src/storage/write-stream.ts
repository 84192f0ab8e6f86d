import type { FileHandle } from 'node:fs/promises';
import type { Stored } from './storage.ts';
import { writeInSlabs } from './write-in-slabs.ts';

/** Small enough to stay in the processor's cache between cipher, hash and write: a megabyte costs twice the system time. */
const slabBytes = 256 * 1024;

/** Writes a stream to the end of a file, and says what was written. `taken` is told the bytes taken from `source` so far. */
export async function writeStream(handle: FileHandle, source: AsyncIterable<Uint8Array>, taken: (bytes: number) => void): Promise<Stored> {
  // appendFile, because write may write less than it is given.
  return writeInSlabs(source, { slabBytes, taken, write: (slab) => handle.appendFile(slab) });
}
