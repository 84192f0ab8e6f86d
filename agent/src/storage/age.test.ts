import { execFileSync } from 'node:child_process';
import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { openAge, sealAge } from './age.ts';
import { bytesOf, streamOf } from './bytes.ts';

const boundaries = [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 1_000_000];
const folder = mkdtempSync(join(tmpdir(), 'gitprotect-age-'));
const all = (source: AsyncIterable<Uint8Array>): Promise<Buffer> => bytesOf(source, 1e9, 'x');

async function newKey(): Promise<{ identity: Secret; recipient: string }> {
  const identity = await generateX25519Identity();
  return { identity: new Secret(identity), recipient: await identityToRecipient(identity) };
}

/** The same bytes in pieces of random sizes. */
async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

let agent: Awaited<ReturnType<typeof newKey>>;
let recovery: Awaited<ReturnType<typeof newKey>>;
beforeAll(async () => {
  agent = await newKey();
  recovery = await newKey();
});

const seal = (bytes: Uint8Array): Promise<Buffer> => all(sealAge(streamOf(bytes), [agent.recipient, recovery.recipient]));
const open = (sealed: Uint8Array, identity = agent.identity): Promise<Buffer> => all(openAge(streamOf(sealed), identity, 'a/x.age'));

describe('sealing', () => {
  test.each(boundaries)('%i bytes come back with either key', async (size) => {
    const bytes = randomBytes(size);
    const sealed = await seal(bytes);
    expect(await open(sealed)).toEqual(bytes);
    expect(await open(sealed, recovery.identity)).toEqual(bytes);
  });

  test.each(boundaries)('%i bytes are read by the age command and by age-encryption', async (size) => {
    const bytes = randomBytes(size);
    const sealed = await seal(bytes);
    const key = join(folder, 'recovery.txt');
    writeFileSync(key, `${recovery.identity.reveal()}\n`, { mode: 0o600 });
    expect(execFileSync('age', ['-d', '-i', key], { input: sealed, maxBuffer: 1e8 })).toEqual(bytes);
    const decrypter = new Decrypter();
    decrypter.addIdentity(agent.identity.reveal());
    expect(Buffer.from(await decrypter.decrypt(sealed))).toEqual(bytes);
  });

  test.each(boundaries)('%i bytes sealed by the age command and by age-encryption are read', async (size) => {
    const bytes = randomBytes(size);
    const key = join(folder, `key-${size}.txt`);
    execFileSync('age-keygen', ['-o', key], { stdio: 'ignore' });
    const identity = /AGE-SECRET-KEY-1\S+/.exec(readFileSync(key, 'utf8'))?.[0] ?? '';
    const recipient = await identityToRecipient(identity);
    const byCommand = execFileSync('age', ['-r', recipient], { input: bytes, maxBuffer: 1e8 });
    expect(await open(byCommand, new Secret(identity))).toEqual(bytes);
    const encrypter = new Encrypter();
    encrypter.addRecipient(agent.recipient);
    expect(await open(await encrypter.encrypt(bytes))).toEqual(bytes);
  });

  test('does not depend on how the bytes are cut into pieces', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 200_000 }), sizes, sizes, async (size, sealedIn, openedIn) => {
        const bytes = randomBytes(size);
        const sealed = await all(sealAge(inPieces(bytes, sealedIn), [agent.recipient]));
        expect((await all(openAge(inPieces(sealed, openedIn), agent.identity, 'x'))).equals(bytes)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('reads no more of the source than was asked for', async () => {
    let given = 0;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 65_536;
        yield Buffer.alloc(65_536);
      }
    };
    const sealed = sealAge(endless(), [agent.recipient]);
    for (let piece = 0; piece < 5; piece += 1) await sealed.next();
    expect(given).toBeLessThanOrEqual(6 * 65_536);
    await sealed.return();
  });
});

describe('opening', () => {
  test('with a key it was not sealed for says so', async () => {
    const { identity } = await newKey();
    await expect(open(await seal(randomBytes(10)), identity)).rejects.toMatchObject({
      code: 'storage-foreign',
      message: expect.stringContaining('a/x.age'),
      remedy: expect.stringContaining('recovery key'),
    });
  });

  test('finds a flipped bit anywhere', async () => {
    const sealed = await seal(randomBytes(70_000));
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Buffer.from(sealed);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
        // In our own stanza it looks as if it was sealed for somebody else.
        await expect(open(changed)).rejects.toMatchObject({ code: expect.stringMatching(/^storage-(corrupt|foreign)$/) });
      }),
      { numRuns: 300 },
    );
  });

  test('closes what it reads from, wherever it stops', async () => {
    const sealed = await seal(randomBytes(200));
    const flipped = (at: number) => Buffer.from(sealed).fill((sealed[at] ?? 0) ^ 1, at, at + 1);
    const ends = sealed.indexOf('\n--- ');
    const damaged = [
      flipped(0),
      flipped(40),
      flipped(ends + 10),
      flipped(sealed.length - 1),
      sealed.subarray(0, 30),
      sealed.subarray(0, 0),
    ];
    for (const bytes of damaged) {
      let isOpen = false;
      const source = async function* () {
        isOpen = true;
        try {
          yield bytes;
          yield Buffer.alloc(0);
        } finally {
          isOpen = false;
        }
      };
      await expect(all(openAge(source(), agent.identity, 'a/x.age'))).rejects.toMatchObject({ code: expect.stringMatching(/^storage-/) });
      expect(isOpen).toBe(false);
    }
  });

  test('finds every cut, also one between chunks, and every addition', async () => {
    const sealed = await seal(randomBytes(131_072));
    const header = sealed.length - 2 * 65_552 - 16;
    for (const end of [0, 1, header - 1, header, header + 15, header + 16, header + 17, header + 16 + 65_552, sealed.length - 1]) {
      await expect(open(sealed.subarray(0, end))).rejects.toMatchObject({ code: 'storage-corrupt' });
    }
    for (const more of [1, 16, 65_552]) {
      await expect(open(Buffer.concat([sealed, Buffer.alloc(more)]))).rejects.toMatchObject({ code: 'storage-corrupt' });
    }
  });

  test('refuses an empty chunk at the end of a file that has others, as age does', async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(agent.recipient);
    let fileKey = Buffer.alloc(0);
    encrypter.addRecipient({
      wrapFileKey: (key) => {
        fileKey = Buffer.from(key);
        return [];
      },
    });
    const emptyFile = Buffer.from(await encrypter.encrypt(''));
    const header = emptyFile.subarray(0, emptyFile.length - 32);
    const nonce = randomBytes(16);
    const key = Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
    const chunk = (counter: number, last: number, plain: Buffer): Buffer => {
      const cipher = createCipheriv('chacha20-poly1305', key, Buffer.from([...Array(10).fill(0), counter, last]), { authTagLength: 16 });
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    };
    const bytes = randomBytes(65_536);
    expect(await open(Buffer.concat([header, nonce, chunk(0, 1, bytes)]))).toEqual(bytes);
    const odd = Buffer.concat([header, nonce, chunk(0, 0, bytes), chunk(1, 1, Buffer.alloc(0))]);
    await expect(open(odd)).rejects.toMatchObject({ code: 'storage-corrupt' });
  });

  test('gives up on what is no age file without reading it all', async () => {
    let given = 0;
    const zeros = async function* (): AsyncGenerator<Uint8Array> {
      for (; given < 1e9; given += 65_536) yield Buffer.alloc(65_536);
    };
    await expect(all(openAge(zeros(), agent.identity, 'x'))).rejects.toMatchObject({ code: 'storage-corrupt' });
    expect(given).toBeLessThan(1e6);
  });
});
