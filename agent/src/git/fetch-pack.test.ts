import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { fetchPack, negotiate, type FetchRequest } from './fetch-pack.ts';
import { encodePackHeader } from './pack.ts';
import type { PackStream } from './pack-stream.ts';
import { delimPacket, encodePacket, flushPacket } from './pkt-line.ts';
import type { GitTransport } from './transport.ts';

const band = (number: number, payload: Uint8Array | string): Buffer =>
  encodePacket(Buffer.concat([Buffer.of(number), Buffer.from(payload as string)]));
const heading = encodePacket('packfile\n');

function pack(body: Buffer, objects = 2): Buffer {
  const bytes = Buffer.concat([encodePackHeader(objects), body]);
  return Buffer.concat([bytes, createHash('sha1').update(bytes).digest()]);
}

/** A server that answers any POST with these bytes, and whether the reader closed the connection. */
function answering(body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): GitTransport & { closed: boolean; sent: Buffer } {
  const transport = {
    url: 'https://git.example/scm/key/slug.git',
    closed: false,
    sent: Buffer.alloc(0),
    get: async () => Promise.reject(new Error('no GET expected')),
    post: async (_path: string, sent: Uint8Array) => {
      transport.sent = Buffer.from(sent);
      return { status: 200, headers: {}, body: stream() };
    },
  };
  async function* stream(): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } finally {
      transport.closed = true;
    }
  }
  return transport;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Heap bytes that survive a garbage collection. */
function retained(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const request: FetchRequest = { wants: ['a'.repeat(40)], haves: [], objectFormat: 'sha1', signal: new AbortController().signal };
const fetchFrom = async (...parts: Buffer[]): Promise<PackStream> => fetchPack(answering([Buffer.concat(parts)]), request);
const read = async (stream: PackStream): Promise<Buffer> => buffer(stream);

describe('a fetched pack', () => {
  const whole = pack(Buffer.from('objects'.repeat(20)));
  const answer = Buffer.concat([
    heading,
    band(2, 'counting'),
    band(1, whole.subarray(0, 5)),
    band(1, ''),
    band(1, whole.subarray(5)),
    flushPacket,
  ]);

  test('comes whole, with its count, its checksum and its bytes told', async () => {
    const told: number[] = [];
    const stream = await fetchPack(answering([answer]), { ...request, onBytes: (total) => told.push(total) });
    expect(stream.objectCount).toBe(2);
    expect(await read(stream)).toEqual(whole);
    expect(stream.bytes).toBe(whole.length);
    expect(stream.checksum).toBe(whole.subarray(-20).toString('hex'));
    expect(told.at(-1)).toBe(whole.length);
  });

  test('comes whole however the connection cuts it into chunks', async () => {
    for (let size = 1; size < 12; size += 1) {
      const chunks = Array.from({ length: Math.ceil(answer.length / size) }, (_, index) =>
        answer.subarray(index * size, (index + 1) * size),
      );
      expect(await read(await fetchPack(answering(chunks), request)), `chunks of ${size}`).toEqual(whole);
    }
  });

  test('cut at any byte is an error, never a shorter pack', async () => {
    for (let length = 0; length < answer.length; length += 1) {
      const attempt = fetchFrom(answer.subarray(0, length)).then(read);
      await expect(attempt, `cut at ${length}`).rejects.toMatchObject({ code: 'git-cut-stream' });
    }
  });

  test('with any bit flipped in its bytes is corrupt', async () => {
    for (let at = 8; at < whole.length; at += 1) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await expect(fetchFrom(heading, band(1, flipped), flushPacket).then(read), `flipped at ${at}`).rejects.toMatchObject({
        code: 'git-corrupt-pack',
      });
    }
  });

  test('of 0 objects is a pack too', async () => {
    const stream = await fetchFrom(heading, band(1, pack(Buffer.alloc(0), 0)), flushPacket);
    expect(stream.objectCount).toBe(0);
    expect(await read(stream)).toHaveLength(32);
  });

  test.each([
    ['an ERR line', [encodePacket('ERR upload-pack: access denied')], 'git-refused'],
    ['an ERR line for an object that is gone', [encodePacket(`ERR upload-pack: not our ref ${'a'.repeat(40)}`)], 'git-moved'],
    ['band 3', [heading, band(1, whole.subarray(0, 40)), band(3, 'out of memory\n')], 'git-refused'],
    ['an ERR line inside the pack', [heading, band(1, whole.subarray(0, 40)), encodePacket('ERR died')], 'git-refused'],
    ['an unknown band', [heading, band(9, 'x')], 'git-bad-stream'],
    ['an unknown section', [encodePacket('packfile-uris\n')], 'git-bad-stream'],
    ['no pack', [flushPacket], 'git-cut-stream'],
    ['bytes after the end', [answer, flushPacket], 'git-bad-stream'],
    ['something that is no pack', [heading, band(1, 'HTTP/1.1 500 Oh no'), flushPacket], 'git-corrupt-pack'],
  ])('refuses %s', async (_what, parts, code) => {
    await expect(fetchFrom(...parts).then(read)).rejects.toMatchObject({ code, message: expect.stringContaining('git.example') });
  });

  test("tells where the server's own history is cut off", async () => {
    const oid = 'b'.repeat(40);
    const cut = encodePacket(`shallow ${oid}\n`);
    // Git says it once for each way that leads there.
    const stream = await fetchFrom(encodePacket('shallow-info\n'), cut, cut, delimPacket, answer);
    expect(stream.shallow).toEqual([oid]);
    await read(stream);
  });

  test.each([
    ['names what is no commit', () => [encodePacket('shallow refs/heads/main\n')]],
    ['names a commit of another object format', () => [encodePacket(`shallow ${'b'.repeat(64)}\n`)]],
    ['is without end', () => Array.from({ length: 100_001 }, (_, at) => encodePacket(`shallow ${String(at).padStart(40, '0')}\n`))],
  ])("a list of the server's own cuts that %s is refused", async (_what, lines) => {
    await expect(fetchFrom(encodePacket('shallow-info\n'), ...lines(), delimPacket, answer)).rejects.toMatchObject({
      code: 'git-bad-stream',
    });
  });

  test.each(['before its first byte', 'in the middle'])('closes the connection when it is given up %s', async (when) => {
    const transport = answering([answer, answer]);
    {
      await using stream = await fetchPack(transport, request);
      if (when === 'in the middle') await stream[Symbol.asyncIterator]().next();
    }
    expect(transport.closed).toBe(true);
  });

  test('closes the connection when it is refused', async () => {
    const transport = answering([encodePacket('ERR no'), answer]);
    await expect(fetchPack(transport, request)).rejects.toMatchObject({ code: 'git-refused' });
    expect(transport.closed).toBe(true);
  });

  test('is asked for with each want and have once', async () => {
    const transport = answering([answer]);
    const [a, b] = ['a'.repeat(40), 'b'.repeat(40)] as const;
    await buffer(await fetchPack(transport, { ...request, wants: [a, a], haves: [b, b], filter: 'blob:none' }));
    const lines = transport.sent.toString('latin1');
    expect(lines.split(`want ${a}`)).toHaveLength(2);
    expect(lines.split(`have ${b}`)).toHaveLength(2);
    expect(lines).toContain('filter blob:none');
  });

  test('of 200 MB passes at the pace of its reader, without filling memory', async () => {
    const piece = Buffer.alloc(65_000, 7);
    const count = 3100;
    let produced = 0;
    async function* large(): AsyncGenerator<Buffer> {
      yield heading;
      const hash = createHash('sha1');
      const header = encodePackHeader(1);
      hash.update(header);
      yield band(1, header);
      for (let sent = 0; sent < count; sent += 1) {
        hash.update(piece);
        produced += 1;
        yield band(1, piece);
      }
      yield band(1, hash.digest());
      yield flushPacket;
    }
    const stream = await fetchPack(answering(large()), request);
    const before = retained();
    let peak = 0;
    let chunks = 0;
    for await (const chunk of stream) {
      expect(chunk.length).toBeLessThanOrEqual(piece.length);
      chunks += 1;
      expect(produced - chunks).toBeLessThan(2);
      if (chunks % 300 === 0) peak = Math.max(peak, retained() - before);
    }
    expect(chunks).toBe(count + 2);
    expect(peak).toBeLessThan(16 * 1024 * 1024);
  });
});

describe('a server that is asked what it has', () => {
  const [one, other] = ['b'.repeat(40), 'c'.repeat(40)];
  const asked = { ...request, haves: [one, other] };
  const section = (...lines: string[]): Buffer[] => ['acknowledgments', ...lines].map((line) => encodePacket(`${line}\n`));
  const ask = async (...parts: Buffer[]) => {
    const transport = answering([Buffer.concat(parts)]);
    return { transport, ...(await negotiate(transport, asked)) };
  };

  test('says which it has, and sends the pack along when that is enough to go by', async () => {
    const whole = pack(Buffer.from('objects'));
    const { common, pack: sent } = await ask(...section(`ACK ${one}`, 'ready'), delimPacket, heading, band(1, whole), flushPacket);
    expect(common).toEqual([one]);
    expect(sent === null ? null : await read(sent)).toEqual(whole);
  });

  test('says which it has without a pack, or that it has none', async () => {
    const { common, pack: sent, transport } = await ask(...section(`ACK ${one}`, `ACK ${other}`), flushPacket);
    expect({ common, sent, closed: transport.closed }).toEqual({ common: [one, other], sent: null, closed: true });
    expect(transport.sent.toString('latin1')).not.toContain('done');
    expect(await ask(...section('NAK'), flushPacket)).toMatchObject({ common: [], pack: null });
  });

  test('that has none of it and sends a pack all the same, or no end, is not listened to any longer', async () => {
    const { pack: sent, transport } = await ask(
      ...section('ready'),
      delimPacket,
      heading,
      band(1, pack(Buffer.from('objects'))),
      flushPacket,
    );
    expect({ sent, closed: transport.closed }).toEqual({ sent: null, closed: true });
    let sentOn = 0;
    const endless = async function* () {
      yield Buffer.concat([...section('NAK'), flushPacket]);
      for (; sentOn < 1000; sentOn += 1) yield Buffer.alloc(10_000);
    };
    const talking = answering(endless());
    expect(await negotiate(talking, asked)).toEqual({ common: [], pack: null });
    expect({ closed: talking.closed, little: sentOn < 20 }).toEqual({ closed: true, little: true });
  });

  test('that says the same twice has it once', async () => {
    expect(await ask(...section(`ACK ${one}`, `ACK ${one}`), flushPacket)).toMatchObject({ common: [one] });
  });

  test('is not asked in the old protocol, which does not tell, nor when there is nothing to name', async () => {
    const silent = answering([]);
    expect(await negotiate(silent, { ...asked, dialect: 'v0' })).toEqual({ common: [], pack: null });
    expect(await negotiate(silent, request)).toEqual({ common: [], pack: null });
    expect(silent.sent).toHaveLength(0);
  });

  test.each([
    ['what nobody named', [...section(`ACK ${'d'.repeat(40)}`), flushPacket], 'git-bad-stream'],
    ['a pack where it was not ready', [...section(`ACK ${one}`), delimPacket], 'git-bad-stream'],
    ['no acknowledgments at all', [heading], 'git-bad-stream'],
    ['nothing', [flushPacket], 'git-bad-stream'],
    ['half an answer', section(`ACK ${one}`), 'git-cut-stream'],
    ['an error', [encodePacket('ERR upload-pack: not our ref'), flushPacket], 'git-moved'],
  ])('that sends %s is not believed', async (_what, parts, code) => {
    await expect(ask(...parts)).rejects.toMatchObject({ code });
  });
});
