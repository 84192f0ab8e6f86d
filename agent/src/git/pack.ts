import { createHash, type Hash } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import { hashBytes, type ObjectFormat } from './object-id.ts';

/** `PACK`, version, number of objects (gitformat-pack). */
export const packHeaderBytes = 12;

/** The header of a pack with that many objects. */
export function encodePackHeader(objectCount: number): Buffer {
  const header = Buffer.alloc(packHeaderBytes);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objectCount, 8);
  return header;
}

/** How many objects a pack holds, from its first 12 bytes. Throws `git-corrupt-pack`. */
export function readPackHeader(header: Buffer, source: string): number {
  if (header.length < packHeaderBytes || header.toString('latin1', 0, 4) !== 'PACK') {
    throw new AppError('git-corrupt-pack', `what ${source} sent does not begin as a pack does`);
  }
  const version = header.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw new AppError('git-corrupt-pack', `${source} sent a pack of version ${version}; 2 is known`);
  return header.readUInt32BE(8);
}

/** Checks a pack's trailer, the hash of all before it, while the pack flows by. */
export class PackChecksum {
  readonly #hash: Hash;
  readonly #length: number;
  #tail: Buffer = Buffer.alloc(0);

  constructor(format: ObjectFormat) {
    this.#hash = createHash(format);
    this.#length = hashBytes[format];
  }

  /** Takes the next bytes; the last ones so far may be the trailer and are held back from the hash. */
  update(chunk: Uint8Array): void {
    if (chunk.length >= this.#length) {
      this.#hash.update(this.#tail).update(chunk.subarray(0, -this.#length));
      this.#tail = Buffer.from(chunk.subarray(-this.#length));
      return;
    }
    const joined = Buffer.concat([this.#tail, chunk]);
    const cut = Math.max(0, joined.length - this.#length);
    this.#hash.update(joined.subarray(0, cut));
    this.#tail = joined.subarray(cut);
  }

  /** The trailer in hex. Throws `git-corrupt-pack` when it is not the hash of what came before. Call once, at the end. */
  verify(source: string): string {
    const computed = this.#hash.digest();
    if (!computed.equals(this.#tail)) {
      throw new AppError('git-corrupt-pack', `the pack of ${source} was damaged on its way: its checksum does not match`);
    }
    return computed.toString('hex');
  }
}
