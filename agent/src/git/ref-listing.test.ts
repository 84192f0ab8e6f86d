import { describe, expect, test } from 'vitest';
import { encodePacket, flushPacket } from './pkt-line.ts';
import { readAdvertisement, readLsRefs } from './ref-listing.ts';

const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];
const source = 'https://git.example/scm/key/slug.git';
const body = (...lines: (string | Buffer)[]): Buffer => Buffer.concat([...lines.map((line) => encodePacket(line)), flushPacket]);
const read = (bytes: Buffer): ReturnType<typeof readLsRefs> => readLsRefs(bytes, source, 'sha1');

describe('an answer to ls-refs', () => {
  const whole = body(`${a} HEAD symref-target:refs/heads/main\n`, `${a} refs/heads/main\n`, `${b} refs/tags/v1 peeled:${a}\n`);

  test('gives refs, peeled tags and HEAD', () => {
    expect(read(whole)).toEqual({
      refs: new Map([
        ['refs/heads/main', { oid: a }],
        ['refs/tags/v1', { oid: b, peeled: a }],
      ]),
      head: { symbolic: 'refs/heads/main', oid: a },
      objectFormat: 'sha1',
      shallow: [],
    });
  });

  test('cut at any byte never gives a listing', () => {
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => read(whole.subarray(0, length)), `cut at ${length}`).toThrow(expect.objectContaining({ code: 'git-cut-stream' }));
    }
  });

  test('of an empty repo names the branch that does not exist yet', () => {
    expect(read(body('unborn HEAD symref-target:refs/heads/trunk\n')).head).toEqual({ symbolic: 'refs/heads/trunk', unborn: true });
    expect(read(body()).refs.size).toBe(0);
  });

  test('keeps names that are no UTF-8 apart', () => {
    const [first, second] = ['\u00e9', '\u00e8'].map((char) => Buffer.from(`${a} refs/heads/x${char}`, 'latin1')) as [Buffer, Buffer];
    expect(read(body(first, second)).refs.size).toBe(2);
  });

  test.each([
    ['an object id of another format', `${a}${a} refs/heads/main`],
    ['no object id', 'zzz refs/heads/main'],
    ['a name outside refs/', `${a} main`],
    ['a control character', `${a} refs/heads/a\u001b[31m`],
    ['a line feed', `${a} refs/heads/a\nb`],
    ['a bad peeled id', `${a} refs/tags/v1 peeled:nothing`],
  ])('is refused for %s', (_what, line) => {
    expect(() => read(body(line))).toThrow(expect.objectContaining({ code: 'git-bad-stream' }));
  });

  test('is refused when it names a ref twice or goes on after its end', () => {
    expect(() => read(body(`${a} refs/heads/x`, `${b} refs/heads/x`))).toThrow(expect.objectContaining({ code: 'git-bad-stream' }));
    expect(() => read(Buffer.concat([whole, body()]))).toThrow(expect.objectContaining({ code: 'git-bad-stream' }));
  });

  test("that is the server's error carries its words, fit to print", () => {
    expect(() => read(body('ERR access\u001b[2J denied\n'))).toThrow(
      expect.objectContaining({ code: 'git-refused', message: `${source} refused: access [2J denied` }),
    );
  });
});

describe('an advertisement', () => {
  const service = Buffer.concat([encodePacket('# service=git-upload-pack\n'), flushPacket]);
  const old = Buffer.concat([
    service,
    body(
      `${a} HEAD\0 side-band-64k symref=HEAD:refs/heads/main symref=refs/x:refs/y object-format=sha1 agent=git/1\n`,
      `${a} refs/heads/main\n`,
      `${b} refs/tags/v1\n`,
      `${a} refs/tags/v1^{}\n`,
      `shallow ${c}\n`,
    ),
  ]);

  test('of protocol 0 is a listing', () => {
    expect(readAdvertisement(old, source)).toMatchObject({
      version: 0,
      listed: {
        refs: new Map([
          ['refs/heads/main', { oid: a }],
          ['refs/tags/v1', { oid: b, peeled: a }],
        ]),
        head: { symbolic: 'refs/heads/main', oid: a },
        shallow: [c],
      },
    });
  });

  test('of protocol 0 cut at any byte never gives a listing', () => {
    for (let length = 0; length < old.length; length += 1) {
      expect(() => readAdvertisement(old.subarray(0, length), source), `cut at ${length}`).toThrow(
        expect.objectContaining({ code: 'git-cut-stream' }),
      );
    }
  });

  test('of an empty repo lists nothing', () => {
    const empty = Buffer.concat([service, body(`${'0'.repeat(40)} capabilities^{}\0 side-band-64k object-format=sha1\n`)]);
    expect(readAdvertisement(empty, source)).toMatchObject({ version: 0, listed: { refs: new Map() } });
  });

  test('of protocol 2 says what the server can do', () => {
    const answer = readAdvertisement(
      Buffer.concat([service, body('version 2\n', 'ls-refs=unborn\n', 'fetch=shallow filter\n', 'object-format=sha256\n')]),
      source,
    );
    expect(answer).toMatchObject({ version: 2, objectFormat: 'sha256' });
    expect(answer.capabilities.get('fetch')).toBe('shallow filter');
  });

  test('of an unknown object format is not guessed at', () => {
    expect(() => readAdvertisement(body('version 2\n', 'object-format=blake3\n'), source)).toThrow(
      expect.objectContaining({ code: 'git-unsupported' }),
    );
  });
});
