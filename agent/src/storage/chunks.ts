/** A piece of exactly the asked size, or the last one. Its bytes are good until the next one is asked for: the memory is used again. */
export interface Chunk {
  readonly chunk: Buffer;
  readonly last: boolean;
}

/** The same bytes in pieces of exactly `size`; the last one is shorter or as long, and is there (empty) even when there are no bytes at all. */
export async function* chunksOf(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Chunk> {
  const chunk = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      // A full chunk waits for one byte more: only then is it known not to be the last.
      if (filled === size) {
        yield { chunk, last: false };
        filled = 0;
      }
      const taken = Math.min(size - filled, piece.length - at);
      chunk.set(at === 0 && taken === piece.length ? piece : piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
    }
  }
  yield { chunk: chunk.subarray(0, filled), last: true };
}
