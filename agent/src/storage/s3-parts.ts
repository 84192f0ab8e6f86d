/** A piece of an object as one request carries it. `release` gives its memory to a later part. */
export interface Part {
  readonly bytes: Buffer;
  readonly last: boolean;
  readonly release: () => void;
}

const step = 8 * 1024 * 1024;
const sameSize = 1000;

/** Parts grow by 8 MiB every thousand: S3 takes 10,000 of them, which is 440 GB then, and what is small costs little memory. */
const partBytes = (index: number): number => step * (1 + Math.floor(index / sameSize));

/** The same bytes in parts; the last one is shorter or as long, and is there (empty) even when there are no bytes at all. */
export async function* partsOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Part, void, undefined> {
  const free: Buffer[] = [];
  let index = 0;
  const next = (): Buffer => {
    const size = partBytes(index);
    for (let slab = free.pop(); slab !== undefined; slab = free.pop()) if (slab.length === size) return slab;
    return Buffer.allocUnsafeSlow(size);
  };
  const part = (slab: Buffer, filled: number, last: boolean): Part => {
    index += 1;
    return { bytes: slab.subarray(0, filled), last, release: () => void free.push(slab) };
  };
  let slab = next();
  let filled = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      // A full part waits for one byte more: only then is it known not to be the last.
      if (filled === slab.length) {
        yield part(slab, filled, false);
        slab = next();
        filled = 0;
      }
      const taken = piece.subarray(at, at + slab.length - filled);
      slab.set(taken, filled);
      filled += taken.length;
      at += taken.length;
    }
  }
  yield part(slab, filled, true);
}
