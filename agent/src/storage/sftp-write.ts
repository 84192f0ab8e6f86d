import type { SftpSession } from './sftp-session.ts';
import type { Stored } from './storage.ts';
import { writeInSlabs } from './write-in-slabs.ts';

/** What every server takes in one request. */
const pieceBytes = 32_000;
/** A slab is sent in pieces, all on their way at one time; while it goes, the other is filled. One round trip for each would be 8 MiB/s at best. */
const slabBytes = 128 * pieceBytes;

/** Writes a stream to a file that is open, and says what was written. `taken` is told the bytes taken from `source` so far. */
export async function writeFile(
  session: SftpSession,
  handle: Buffer,
  source: AsyncIterable<Uint8Array>,
  taken: (bytes: number) => void,
): Promise<Stored> {
  return writeInSlabs(source, { slabBytes, taken, write: (slab, position) => writeSlab(session, handle, slab, position) });
}

async function writeSlab(session: SftpSession, handle: Buffer, slab: Buffer, position: number): Promise<void> {
  const pieces = Array.from({ length: Math.ceil(slab.length / pieceBytes) }, (_, index) => index * pieceBytes);
  await Promise.all(
    pieces.map((at) =>
      session.ask<undefined>((sftp, done) =>
        sftp.write(handle, slab, at, Math.min(pieceBytes, slab.length - at), position + at, (error) => done(error, undefined)),
      ),
    ),
  );
}

/** Bytes of one request, and how many requests are on their way at one time. */
const readAhead = 32;

/** The bytes of a file that is open, `bytes` long, several requests ahead of who reads them. */
export async function* readFile(session: SftpSession, handle: Buffer, bytes: number): AsyncGenerator<Buffer, void, undefined> {
  const asked: Promise<Buffer>[] = [];
  for (let next = 0; next < bytes || asked.length > 0;) {
    if (asked.length < readAhead && next < bytes) {
      const piece = readPiece(session, handle, { at: next, length: Math.min(pieceBytes, bytes - next) });
      // It may fail while an earlier one is waited for; who awaits it hears of it.
      piece.catch(() => undefined);
      asked.push(piece);
      next += pieceBytes;
    } else yield (await asked.shift()) ?? Buffer.alloc(0);
  }
}

/** A server may give less than it was asked for. */
async function readPiece(session: SftpSession, handle: Buffer, { at, length }: { at: number; length: number }): Promise<Buffer> {
  const piece = Buffer.allocUnsafeSlow(length);
  for (let filled = 0; filled < length;) {
    const got = await session.ask<number>((sftp, done) => sftp.read(handle, piece, filled, length - filled, at + filled, done));
    if (got === 0) return piece.subarray(0, filled);
    filled += got;
  }
  return piece;
}
