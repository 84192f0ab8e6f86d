import { AppError } from '@gitprotect/shared/errors';

/** One packet of git's wire format (gitprotocol-common: pkt-line). */
export type Packet = { readonly kind: 'data'; readonly payload: Buffer } | { readonly kind: 'flush' | 'delim' | 'response-end' };

/** The longest packet git sends, its four length digits counted in. */
const longestPacket = 65_520;
const lengthDigits = 4;

const special = ['flush', 'delim', 'response-end'] as const;

/** Turns chunks of any size into packets. `source` names the repo in errors. */
export class PacketDecoder {
  readonly #source: string;
  #parts: Buffer[] = [];
  #held = 0;
  #needed = lengthDigits;

  constructor(source: string) {
    this.#source = source;
  }

  /** The packets this chunk completes. Throws `git-bad-stream` when the bytes are no packets. */
  *push(chunk: Uint8Array): Generator<Packet, void> {
    this.#parts.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#held += chunk.byteLength;
    // Parts are joined only when a packet is complete: a packet in a thousand small chunks is copied once, not a thousand times.
    if (this.#held < this.#needed) return;
    const bytes = this.#parts.length === 1 && this.#parts[0] !== undefined ? this.#parts[0] : Buffer.concat(this.#parts);
    let at = 0;
    this.#needed = lengthDigits;
    while (bytes.length - at >= lengthDigits) {
      const length = this.#length(bytes, at);
      if (length < lengthDigits) {
        at += lengthDigits;
        yield { kind: special[length] ?? this.#malformed(`a packet of length ${length}`) };
      } else if (bytes.length - at >= length) {
        const payload = bytes.subarray(at + lengthDigits, at + length);
        at += length;
        yield { kind: 'data', payload };
      } else {
        this.#needed = length;
        break;
      }
    }
    this.#parts = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#held = bytes.length - at;
  }

  /** Call at the end of the bytes. Throws `git-cut-stream` when they end inside a packet. */
  end(): void {
    if (this.#held > 0) throw new AppError('git-cut-stream', `the answer of ${this.#source} ends in the middle of a packet`);
  }

  #length(bytes: Buffer, at: number): number {
    const digits = bytes.toString('latin1', at, at + lengthDigits);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#malformed(`${JSON.stringify(digits)} where a packet's length belongs`);
    const length = Number.parseInt(digits, 16);
    return length > longestPacket ? this.#malformed(`a packet of length ${length}`) : length;
  }

  #malformed(what: string): never {
    throw new AppError('git-bad-stream', `${this.#source} did not answer in git's packet format: it sent ${what}`);
  }
}

/** The packets of a stream; stops reading it when the caller stops. */
export async function* readPackets(stream: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<Packet, void> {
  const decoder = new PacketDecoder(source);
  for await (const chunk of stream) yield* decoder.push(chunk);
  decoder.end();
}

/** The packets of bytes already here. */
export function* packetsOf(bytes: Uint8Array, source: string): Generator<Packet, void> {
  const decoder = new PacketDecoder(source);
  yield* decoder.push(bytes);
  decoder.end();
}

export const flushPacket = Buffer.from('0000');
export const delimPacket = Buffer.from('0001');

/** One data packet. */
export function encodePacket(payload: string | Uint8Array): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const length = bytes.length + lengthDigits;
  if (length > longestPacket) throw new RangeError(`a packet holds at most ${longestPacket - lengthDigits} bytes, not ${bytes.length}`);
  return Buffer.concat([Buffer.from(length.toString(16).padStart(lengthDigits, '0')), bytes]);
}
