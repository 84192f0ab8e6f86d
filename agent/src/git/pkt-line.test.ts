import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { delimPacket, encodePacket, flushPacket, PacketDecoder, packetsOf, type Packet } from './pkt-line.ts';

const packet = fc.oneof(
  fc.uint8Array({ minLength: 0, maxLength: 300 }).map((payload): Packet => ({ kind: 'data', payload: Buffer.from(payload) })),
  fc.constantFrom<Packet>({ kind: 'flush' }, { kind: 'delim' }, { kind: 'response-end' }),
);

const specials = { flush: flushPacket, delim: delimPacket, 'response-end': Buffer.from('0002') };
const encode = (packet: Packet): Buffer => (packet.kind === 'data' ? encodePacket(packet.payload) : specials[packet.kind]);

/** Reads packets from bytes in these chunks. */
function read(chunks: Iterable<Buffer>): Packet[] {
  const packets: Packet[] = [];
  const decoder = new PacketDecoder('repo');
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) packets.push(packet);
  }
  decoder.end();
  return packets;
}

/** Cuts bytes at the given places (taken modulo the length). */
function* split(bytes: Buffer, cuts: readonly number[]): Generator<Buffer> {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b);
  for (const [index, place] of places.entries()) yield bytes.subarray(place, places[index + 1] ?? bytes.length);
}

describe('packets', () => {
  test('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 40 }), (packets, cuts) => {
        const bytes = Buffer.concat(packets.map(encode));
        expect(read(split(bytes, cuts))).toEqual(packets);
      }),
    );
  });

  test('of the largest size survive a byte at a time', () => {
    const payload = Buffer.alloc(65_516, 7);
    const bytes = Buffer.concat([encodePacket(payload), flushPacket]);
    expect(read(split(bytes, Array.from(bytes.keys())))).toEqual([{ kind: 'data', payload }, { kind: 'flush' }]);
  });

  test.each(['0003', 'zzzz', ' 1f0', '+001', '00-1', 'fff1', '<!DOCTYPE html>'])('that are none are refused: %s', (text) => {
    expect(() => [...packetsOf(Buffer.from(text), 'https://git.example/a.git')]).toThrow(
      expect.objectContaining({ code: 'git-bad-stream', message: expect.stringContaining('https://git.example/a.git') }),
    );
  });

  test('cut in the middle are an error, not an end', () => {
    const bytes = encodePacket('hello');
    for (let length = 1; length < bytes.length; length += 1) {
      expect(() => [...packetsOf(bytes.subarray(0, length), 'repo')]).toThrow(expect.objectContaining({ code: 'git-cut-stream' }));
    }
  });

  test('longer than git allows are not made', () => {
    expect(() => encodePacket(Buffer.alloc(65_517))).toThrow(RangeError);
  });
});
