import { createHash } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import { hashBytes, type ObjectFormat } from './object-id.ts';
import { encodePackHeader, packHeaderBytes, PackChecksum, readPackHeader } from './pack.ts';

/** A stored pack: opened when its turn comes. */
export interface StoredPack {
  /** What errors call it. */
  readonly name: string;
  /** As its own header says; the header of the joined pack is written before any pack is opened. */
  readonly objectCount: number;
  open(): AsyncIterable<Uint8Array>;
}

/**
 * Joins packs to one: a header with the sum of the objects, the bodies in order, one new trailer. Offset deltas point backwards within their own
 * body, so they stay right; the bases of thin packs are found earlier in the same file. Each pack's count and trailer are checked on the way
 * (`git-corrupt-pack`). Objects that are in two packs stay twice, which git accepts.
 */
export async function* concatPacks(packs: readonly StoredPack[], format: ObjectFormat): AsyncGenerator<Uint8Array, void> {
  const total = packs.reduce((sum, pack) => sum + pack.objectCount, 0);
  const hash = createHash(format);
  const header = encodePackHeader(total);
  hash.update(header);
  yield header;
  for (const pack of packs) {
    for await (const chunk of body(pack, format)) {
      hash.update(chunk);
      yield chunk;
    }
  }
  yield hash.digest();
}

/** A pack without its header and trailer. */
async function* body(pack: StoredPack, format: ObjectFormat): AsyncGenerator<Uint8Array, void> {
  const checksum = new PackChecksum(format);
  const trailer = hashBytes[format];
  let held: Buffer = Buffer.alloc(0);
  let headed = false;
  for await (const chunk of pack.open()) {
    checksum.update(chunk);
    // The last bytes so far may be the trailer: they wait. Only they are copied, never the chunk.
    const ready = held.length + chunk.length - trailer;
    if (!headed || ready < held.length) {
      held = Buffer.concat([held, chunk]);
      if (!headed) {
        if (held.length < packHeaderBytes + trailer) continue;
        expectCount(pack, held);
        held = held.subarray(packHeaderBytes);
        headed = true;
      }
      if (held.length > trailer) yield held.subarray(0, -trailer);
      held = held.subarray(-trailer);
      continue;
    }
    if (held.length > 0) yield held;
    const cut = chunk.length - trailer;
    if (cut > 0) yield chunk.subarray(0, cut);
    held = Buffer.from(chunk.subarray(Math.max(0, cut)));
  }
  if (!headed) throw new AppError('git-corrupt-pack', `${pack.name} is too short for a pack`);
  checksum.verify(pack.name);
}

function expectCount(pack: StoredPack, start: Buffer): void {
  const count = readPackHeader(start, pack.name);
  if (count !== pack.objectCount) {
    throw new AppError('git-corrupt-pack', `${pack.name} holds ${count} objects where ${pack.objectCount} were recorded`);
  }
}
