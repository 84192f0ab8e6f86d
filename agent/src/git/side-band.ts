import { AppError } from '@gitprotect/shared/errors';
import { asBuffer, cutPacket, lengthDigits, packetLength } from './pkt-line.ts';
import { refusal, throwIfError } from './server-words.ts';

const nothing: Buffer = Buffer.alloc(0);

/**
 * The bytes of band 1, in order, as views of the chunks they came in. `start` is what is here of them already.
 * Ends only after the closing flush and the end of the stream: bytes that merely stop are `git-cut-stream`.
 */
export async function* demux(start: Buffer, chunks: AsyncIterator<Uint8Array, unknown>, source: string): AsyncGenerator<Buffer, void> {
  const sideBand = new SideBand(source);
  try {
    for (const part of sideBand.push(start)) yield part;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      for (const part of sideBand.push(asBuffer(next.value))) yield part;
    }
    sideBand.end();
  } finally {
    await chunks.return?.();
  }
}

/** Where we are in the packets. No packet is ever put together but those that end it all, and heads where two chunks meet. */
class SideBand {
  readonly #source: string;
  #head = nothing;
  /** Bytes to come of the packet after its length. */
  #left = 0;
  #band: number | undefined;
  #words = nothing;
  #closed = false;

  constructor(source: string) {
    this.#source = source;
  }

  /** What a chunk holds of band 1. */
  *push(chunk: Buffer): Generator<Buffer, void> {
    for (let at = 0; at < chunk.length;) {
      const begins = this.#left === 0;
      const part = chunk.subarray(at, at + (begins ? lengthDigits - this.#head.length : this.#left));
      at += part.length;
      if (begins) this.#begin(part);
      else {
        const pack = this.#take(part);
        // Keep-alives are empty band 1 packets.
        if (pack.length > 0) yield pack;
      }
    }
  }

  end(): void {
    if (this.#left + this.#head.length > 0) throw cutPacket(this.#source);
    if (!this.#closed) throw new AppError('git-cut-stream', `${this.#source} stopped sending before the pack was complete`);
  }

  #begin(digits: Buffer): void {
    if (this.#closed) throw new AppError('git-bad-stream', `${this.#source} sent more after the end of the pack`);
    this.#head = this.#head.length === 0 ? digits : Buffer.concat([this.#head, digits]);
    if (this.#head.length < lengthDigits) return;
    const length = packetLength(this.#head, this.#source);
    this.#head = nothing;
    this.#band = undefined;
    if (length === 0) this.#closed = true;
    else if (length <= lengthDigits)
      throw new AppError('git-bad-stream', `${this.#source} sent a packet without a side band inside the pack`);
    else this.#left = length - lengthDigits;
  }

  #take(part: Buffer): Buffer {
    this.#left -= part.length;
    const first = this.#band === undefined;
    this.#band ??= part[0];
    // Progress (band 2) is dropped; anything but the two is the server's dying word.
    if (this.#band === 1) return first ? part.subarray(1) : part;
    if (this.#band !== 2) {
      this.#words = Buffer.concat([this.#words, part]);
      if (this.#left === 0) this.#refuse();
    }
    return nothing;
  }

  #refuse(): never {
    if (this.#band === 3) throw refusal(this.#source, this.#words.subarray(1));
    throwIfError(this.#source, this.#words);
    throw new AppError('git-bad-stream', `${this.#source} sent a packet of no known side band`);
  }
}
