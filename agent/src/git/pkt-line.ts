import { AppError } from '@gitprotect/shared/errors';

/** One packet of git's wire format (gitprotocol-common: pkt-line). */
export type Packet = { readonly kind: 'data'; readonly payload: Buffer } | { readonly kind: 'flush' | 'delim' | 'response-end' };

/** The longest packet git sends, its four length digits counted in. */
const longestPacket = 65_520;
export const lengthDigits = 4;

const special = ['flush', 'delim', 'response-end'] as const;

/** Turns chunks of any size into packets: `push` a chunk, then take what `next` gives until it gives nothing. `source` names the repo in errors. */
export class PacketDecoder {
  readonly #source: string;
  #parts: Buffer[] = [];
  #held = 0;
  #needed = lengthDigits;

  constructor(source: string) {
    this.#source = source;
  }

  push(chunk: Uint8Array): void {
    this.#parts.push(asBuffer(chunk));
    this.#held += chunk.byteLength;
  }

  /** The next packet that is here whole. Throws `git-bad-stream` when the bytes are no packets. */
  next(): Packet | undefined {
    // Parts are joined only when a packet is complete: a packet in a thousand small chunks is copied once, not a thousand times.
    if (this.#held < this.#needed) return undefined;
    const bytes = this.rest();
    const length = packetLength(bytes, this.#source);
    if (bytes.length < length) {
      this.#keep(bytes, length);
      return undefined;
    }
    this.#keep(bytes.subarray(Math.max(length, lengthDigits)), lengthDigits);
    const kind = special[length];
    return kind === undefined ? { kind: 'data', payload: bytes.subarray(lengthDigits, length) } : { kind };
  }

  /** The bytes behind the last packet taken; they are the caller's now. */
  rest(): Buffer {
    const [first] = this.#parts;
    const bytes = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    this.#keep(Buffer.alloc(0), lengthDigits);
    return bytes;
  }

  /** Call at the end of the bytes. Throws `git-cut-stream` when they end inside a packet. */
  end(): void {
    if (this.#held > 0) throw cutPacket(this.#source);
  }

  #keep(bytes: Buffer, needed: number): void {
    this.#parts = bytes.length === 0 ? [] : [bytes];
    this.#held = bytes.length;
    this.#needed = needed;
  }
}

/** What the first four digits say: a packet's length, digits counted in, or 0 to 2 for the special packets. Throws `git-bad-stream` for anything else. */
export function packetLength(bytes: Buffer, source: string): number {
  const digits = bytes.toString('latin1', 0, lengthDigits);
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw malformed(source, `${JSON.stringify(digits)} where a packet's length belongs`);
  const length = Number.parseInt(digits, 16);
  if (length > longestPacket || (length < lengthDigits && special[length] === undefined)) {
    throw malformed(source, `a packet of length ${length}`);
  }
  return length;
}

/** The error for bytes that end inside a packet. */
export function cutPacket(source: string): AppError {
  return new AppError('git-cut-stream', `the answer of ${source} ends in the middle of a packet`);
}

function malformed(source: string, what: string): AppError {
  return new AppError('git-bad-stream', `${source} did not answer in git's packet format: it sent ${what}`);
}

/** The same bytes, seen as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The packets of bytes already here. */
export function* packetsOf(bytes: Uint8Array, source: string): Generator<Packet, void> {
  const decoder = new PacketDecoder(source);
  decoder.push(bytes);
  for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) yield packet;
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
