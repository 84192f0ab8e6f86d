import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundleStream, openBundle, type BundleHeader } from './bundle.ts';
import { openBundles, rowStream, type RowBundle } from './bundle-row.ts';

interface Sample {
  readonly header: BundleHeader;
  readonly pack: Buffer;
}

const oid = fc.stringMatching(/^[0-9a-f]{40}$/);
const header: fc.Arbitrary<BundleHeader> = fc.record({
  objectFormat: fc.constant('sha1' as const),
  prerequisites: fc.array(oid, { maxLength: 2 }),
  refs: fc.array(fc.tuple(fc.constantFrom('refs/heads/main', 'refs/tags/v1'), oid), { maxLength: 2 }),
});
const samples = fc.array(fc.record({ header, pack: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)) }), {
  minLength: 1,
  maxLength: 5,
});

async function* cut(bytes: Buffer, size = 7): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* row(list: readonly Sample[]): AsyncGenerator<RowBundle> {
  for (const { header: first, pack } of list)
    yield { ...(await openBundle(bundleStream(first, cut(pack)), 'one')), packBytes: pack.length, packObjects: pack.length };
}

async function readBack(bytes: Buffer, size: number, whole: boolean) {
  const read: unknown[] = [];
  for await (const { header: first, pack, counts } of openBundles(cut(bytes, size), 'the row'))
    read.push({ header: first, counts, pack: whole ? await buffer(pack) : null });
  return read;
}

describe('bundles in a row', () => {
  test('come back as they were, however the bytes are cut, and whether each is read to its end or not', async () => {
    await fc.assert(
      fc.asyncProperty(samples, fc.integer({ min: 1, max: 100 }), fc.boolean(), async (list, size, whole) => {
        const bytes = await buffer(rowStream(row(list)));
        expect(await readBack(bytes, size, whole)).toEqual(
          list.map(({ header: first, pack }) => ({
            header: first,
            counts: { packBytes: pack.length, packObjects: pack.length },
            pack: whole ? pack : null,
          })),
        );
      }),
    );
  });

  test('are told from one bundle', async () => {
    const pack = Buffer.from('PACK and more');
    const bundle = await buffer(bundleStream({ objectFormat: 'sha1', prerequisites: [], refs: [] }, cut(pack)));
    expect(await readBack(bundle, 5, true)).toEqual([
      { header: { objectFormat: 'sha1', prerequisites: [], refs: [] }, counts: null, pack },
    ]);
  });

  test('are damaged when cut off anywhere but between two of them', async () => {
    const list = ['a', 'b'].map((letter) => ({
      header: { objectFormat: 'sha1' as const, prerequisites: [], refs: [] },
      pack: Buffer.from(`PACK ${letter}`),
    }));
    const bytes = await buffer(rowStream(row(list)));
    const one = await buffer(rowStream(row(list.slice(0, 1))));
    for (let end = 1; end < bytes.length; end += 1) {
      if (end === 21 || end === one.length) continue;
      await expect(readBack(bytes.subarray(0, end), 9, true)).rejects.toMatchObject({ code: 'backup-damaged' });
    }
  });
});
