import { AppError } from './errors.ts';
import type { WebKey } from './handshake.ts';

/** Largest frame a client may send, in bytes with its tag. Everything a client says is small. */
export const maxFrameToAgent = 64 * 1024;
/** Largest frame the agent sends: a run of tens of thousands of jobs fits. */
export const maxFrameToClient = 32 * 1024 * 1024;
/** What sealing adds to the text's bytes. */
export const frameOverhead = 16;

/**
 * Seals the frames of one direction: AES-256-GCM, the nonce being the frame's number. The number is not sent;
 * a frame that is repeated, left out, moved or turned back therefore does not open.
 */
export class FrameSealer {
  readonly #key: WebKey;
  #count = 0;

  constructor(key: WebKey) {
    this.#key = key;
  }

  /** The frame for `text`. Send frames in the order of these calls. */
  async seal(text: string): Promise<Uint8Array<ArrayBuffer>> {
    const nonce = frameNonce(this.#count++);
    const bytes = Uint8Array.from(new TextEncoder().encode(text));
    return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, this.#key, bytes));
  }
}

/** Opens the frames of one direction, in order. After the first that does not open, none does. */
export class FrameOpener {
  readonly #key: WebKey;
  #count = 0;
  #broken = false;

  constructor(key: WebKey) {
    this.#key = key;
  }

  /**
   * The text of the next frame. Wait for it before opening another.
   * @throws AppError `connection-lost` when this is not the very frame that comes next; close the connection then
   */
  async open(frame: Uint8Array<ArrayBuffer>): Promise<string> {
    try {
      if (this.#broken) throw new Error('an earlier frame did not open');
      const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: frameNonce(this.#count++) }, this.#key, frame);
      return new TextDecoder('utf-8', { fatal: true }).decode(text);
    } catch (error) {
      this.#broken = true;
      throw new AppError('connection-lost', 'the connection carried a frame that was altered, repeated or out of order', {
        cause: error,
        remedy: 'connect again; if it comes back, another program interferes with connections on this computer',
      });
    }
  }
}

/** 12 bytes: four zeros, then the frame's number, big-endian. */
function frameNonce(number: number): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(4, BigInt(number));
  return nonce;
}
