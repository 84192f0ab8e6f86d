import { AppError } from '@gitprotect/shared/errors';
import type { Packet } from './pkt-line.ts';
import { refusal, throwIfError } from './server-words.ts';

/**
 * The bytes of band 1, in order. Progress (band 2) is dropped, band 3 is the server's dying word.
 * Ends only after the closing flush and the end of the stream: bytes that merely stop are `git-cut-stream`.
 */
export async function* demux(packets: AsyncIterable<Packet>, source: string): AsyncGenerator<Buffer, void> {
  let closed = false;
  for await (const packet of packets) {
    if (closed) throw new AppError('git-bad-stream', `${source} sent more after the end of the pack`);
    if (packet.kind === 'flush') closed = true;
    else if (packet.kind !== 'data') throw new AppError('git-bad-stream', `${source} sent a ${packet.kind} packet inside the pack`);
    else {
      switch (packet.payload[0]) {
        case 1:
          // Keep-alives are empty band 1 packets.
          if (packet.payload.length > 1) yield packet.payload.subarray(1);
          break;
        case 2:
          break;
        case 3:
          throw refusal(source, packet.payload.subarray(1));
        default:
          throwIfError(source, packet.payload);
          throw new AppError('git-bad-stream', `${source} sent a packet of no known side band`);
      }
    }
  }
  if (!closed) throw new AppError('git-cut-stream', `${source} stopped sending before the pack was complete`);
}
