import { execFileSync } from 'node:child_process';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeManifest, encodeManifest, manifestFormat, objectsOf, ownIn } from './manifest.ts';
import { nextManifest, type ResolvedManifest } from './next-manifest.ts';
import type { Refs } from './refs.ts';
import { mainAt, oid, taken } from './sample.ts';
import { newBundleName } from '../storage/layout.ts';

const first = nextManifest(taken(mainAt('a')), { sequence: 1, before: undefined });

const manyRefs = (count: number, digit: string): Refs =>
  new Map(Array.from({ length: count }, (_, index) => [`refs/heads/b${index}`, { oid: oid(digit) }]));

const resolved = (refs: Refs): ResolvedManifest => {
  const manifest = nextManifest(taken(refs), { sequence: 1, before: undefined });
  const sha256 = 'e'.repeat(64);
  return { manifest, written: manifest, merges: [], unsigned: null, damage: [], sha256, refs, base: { id: '00000001', sha256, refs } };
};

describe('a manifest', () => {
  test('comes back from its bytes', async () => {
    expect(await decodeManifest(await encodeManifest(first), 'x')).toEqual(first);
  });

  test('is read by zstd, with every item of a list on a line of its own', async () => {
    const text = execFileSync('zstd', ['-dc'], { input: await encodeManifest(first) }).toString();
    expect(text).toContain(`\n  "set": [\n   "${oid('a')} refs/heads/main"\n  ],`);
  });

  test('that could not be read back is not written', async () => {
    await expect(encodeManifest({ ...first, takenAt: 'yesterday' })).rejects.toThrow('takenAt');
    const refs = { ...first.refs, set: [`${oid('a')} refs/heads/a b`] };
    await expect(encodeManifest({ ...first, refs })).rejects.toThrow('not a ref');
  });

  test('that leans on another repo’s names that one’s manifest and none of its bundles, in a format that older readers leave alone', () => {
    const link = {
      kind: 'incremental' as const,
      bytes: 1,
      sha256: 'f'.repeat(64),
      packBytes: 1,
      packObjects: 1,
      prerequisites: 0,
      refsCount: 1,
    };
    const [others, own] = [7, 42].map((repoId) => ({ ...link, object: newBundleName({ serverId: 's1', repoId }, '00000001') }));
    const chain = [others ?? { ...link, object: '' }, own ?? { ...link, object: '' }];
    const leansOn = { repoId: 7, id: '00000003', sha256: 'e'.repeat(64) };
    const leaning = nextManifest(taken(mainAt('a'), { chain, leansOn }), { sequence: 1, before: undefined });
    expect(first.format).toBe(1);
    expect(leaning).toMatchObject({ format: 2, leansOn, chain: [own] });
    expect(objectsOf(leaning)).toContain('servers/s1/repos/7/snapshots/00000003.json.zst.age');
    // Read back with what it leans on, only its own is what it brought.
    expect(ownIn({ ...leaning, chain })).toEqual([own]);
  });

  test('of a newer release is refused as such', async () => {
    const newer = zstdCompressSync(JSON.stringify({ ...first, format: manifestFormat + 1 }));
    await expect(decodeManifest(newer, 'a/x')).rejects.toMatchObject({ code: 'storage-foreign', message: expect.stringContaining('a/x') });
  });

  test('that is none is refused with the reason', async () => {
    const notJson = [Buffer.from('x'), zstdCompressSync('x'), zstdCompressSync('[]'), zstdCompressSync('{}')];
    for (const bytes of notJson) await expect(decodeManifest(bytes, 'a/x')).rejects.toMatchObject({ code: 'storage-corrupt' });
    const wrong = zstdCompressSync(JSON.stringify({ ...first, sequence: 0 }));
    await expect(decodeManifest(wrong, 'a/x')).rejects.toThrow('a/x is not the record of a snapshot (sequence:');
  });
});

describe('the next manifest', () => {
  test('names the one before and its hash', () => {
    const next = nextManifest(taken(mainAt('b'), { kind: 'incremental' }), { sequence: 2, before: resolved(mainAt('a')) });
    expect(next).toMatchObject({ sequence: 2, previous: { id: '00000001', sha256: 'e'.repeat(64) } });
  });

  test('has the whole list at the start of a chain, and a difference from it afterwards', () => {
    const before = resolved(manyRefs(1000, 'a'));
    const now = new Map([...manyRefs(1000, 'a'), ['refs/heads/b7', { oid: oid('b') }]]);
    now.delete('refs/heads/b8');
    const next = nextManifest(taken(now, { kind: 'incremental' }), { sequence: 2, before });
    expect(next.refs).toMatchObject({ count: 999, base: { id: '00000001' }, set: [`${oid('b')} refs/heads/b7`], gone: ['refs/heads/b8'] });
    expect(nextManifest(taken(now, { kind: 'full' }), { sequence: 2, before }).refs).toMatchObject({ base: null, gone: [] });
  });

  test('has the whole list again when most of it changed', () => {
    const next = nextManifest(taken(manyRefs(1000, 'b'), { kind: 'incremental' }), { sequence: 2, before: resolved(manyRefs(1000, 'a')) });
    expect(next.refs.base).toBeNull();
    expect(next.refs.set).toHaveLength(1000);
  });
});
