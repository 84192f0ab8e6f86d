import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundleStream, encodeBundleHeader, openBundle, type BundleHeader } from './bundle.ts';
import { isRefName } from './ref-name.ts';

const digits = fc.constantFrom(...'0123456789abcdef'.split(''));
const oid = (length: number): fc.Arbitrary<string> => fc.string({ unit: digits, minLength: length, maxLength: length });
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((text) => isRefName(`refs/${text}`) && text.isWellFormed());
const header: fc.Arbitrary<BundleHeader> = fc.constantFrom('sha1' as const, 'sha256' as const).chain((objectFormat) => {
  const id = oid(objectFormat === 'sha1' ? 40 : 64);
  return fc.record({
    objectFormat: fc.constant(objectFormat),
    prerequisites: fc.array(id, { maxLength: 5 }),
    refs: fc.array(
      fc.tuple(
        fc.oneof(
          fc.constant('HEAD'),
          name.map((text) => `refs/${text}`),
        ),
        id,
      ),
      { maxLength: 8 },
    ),
  });
});

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('a bundle', () => {
  test('gives back its header and its pack, however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(header, fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 64 }), async (given, pack, size) => {
        const bytes = await buffer(bundleStream(given, chunksOf(pack, 7)));
        const opened = await openBundle(chunksOf(bytes, size), 'b');
        expect(opened.header).toEqual(given);
        expect(await buffer(opened.pack)).toEqual(Buffer.from(pack));
      }),
    );
  });

  test('cut anywhere in its header is damaged', async () => {
    const bytes = encodeBundleHeader({ objectFormat: 'sha256', prerequisites: ['a'.repeat(64)], refs: [['refs/heads/x', 'b'.repeat(64)]] });
    for (let length = 0; length < bytes.length; length += 1) {
      await expect(openBundle(chunksOf(bytes.subarray(0, length), 10), 'b')).rejects.toMatchObject({ code: 'backup-damaged' });
    }
  });

  test.each([
    ['# v1 git bundle\n\n', 'backup-damaged'],
    ['# v3 git bundle\n@filter=blob:none\n\n', 'git-unsupported'],
    ['# v2 git bundle\n-abc \n\n', 'backup-damaged'],
    [`# v2 git bundle\n${'a'.repeat(40)} ../../x\n\n`, 'backup-damaged'],
  ])('with a header like %j is refused', async (text, code) => {
    await expect(openBundle(chunksOf(Buffer.from(text), 100), 'b')).rejects.toMatchObject({ code });
  });

  test('takes no name that would break its lines', () => {
    expect(() => encodeBundleHeader({ objectFormat: 'sha1', prerequisites: [], refs: [['refs/heads/a\nb', 'a'.repeat(40)]] })).toThrow(
      RangeError,
    );
  });

  test('closes what it comes from when only its header is read', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from('# v2 git bundle\n\nPACK');
        yield Buffer.from('more');
      } finally {
        closed = true;
      }
    }
    const { pack } = await openBundle(source(), 'b');
    await pack.next();
    await pack.return();
    expect(closed).toBe(true);
  });
});
