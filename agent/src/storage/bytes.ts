import { AppError } from '@gitprotect/shared/errors';

/** A stream's bytes in one piece. Throws `storage-corrupt` beyond `limit`: what is read whole is small. `name` is for the message. */
export async function bytesOf(source: AsyncIterable<Uint8Array>, limit: number, name: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    length += piece.length;
    if (length > limit)
      throw new AppError('storage-corrupt', `${name} is larger than it can be: more than ${limit} bytes`, { facts: { name } });
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}

/** Bytes or text as a stream of one piece. */
export async function* streamOf(bytes: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
}
