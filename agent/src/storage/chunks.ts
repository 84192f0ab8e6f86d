/** The same bytes in pieces of exactly `size`; the last one is shorter or as long, and is there (empty) even when there are no bytes at all. */
export async function* chunksOf(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<{ chunk: Buffer; last: boolean }> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    if (piece.length === 0) continue;
    waiting.push(piece);
    length += piece.length;
    // One byte more than a chunk has to be there before a chunk is known not to be the last.
    if (length <= size) continue;
    const joined = Buffer.concat(waiting, length);
    let at = 0;
    for (; length - at > size; at += size) yield { chunk: joined.subarray(at, at + size), last: false };
    waiting = [joined.subarray(at)];
    length -= at;
  }
  yield { chunk: Buffer.concat(waiting, length), last: true };
}
