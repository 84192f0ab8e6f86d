import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRepo } from '@gitprotect/agent/backup/prune/repo-objects';
import { openChains } from '@gitprotect/agent/catalogue/chains';
import { mergeName } from '@gitprotect/agent/storage/layout';
import { type Backups, newBackups, signal } from './backup.ts';
import {
  chainOf,
  compact,
  copied,
  forge,
  lastOf,
  moving,
  type Moving,
  restored,
  restoredByHand,
  rubbish,
  sweep,
  withOtherKey,
} from './merge-stage.ts';

const place = { serverId: 'srv', repoId: 3 };

describe('merges of which somebody else wrote the record', () => {
  let backups: Backups;
  /** As it was before anything was merged. */
  let before: Backups;
  let repo: Moving;

  beforeAll(async () => {
    backups = await newBackups();
    repo = await moving(backups, 3, 'sha1', 9);
    before = await copied(backups);
    await compact(backups, 3);
  });
  afterAll(() => rmSync(backups.root, { recursive: true, force: true }));
  const last = (): Moving['states'][number] => lastOf(repo);

  test('are not believed by hand above the snapshot itself, as nobody knows there who wrote them', async () => {
    const record = mergeName(place, 1);
    const chain = (await backups.catalogue.manifest(last().entry, { signal })).written.chain;
    const wrong = chain.map((link) => ({ ...link, sha256: '0'.repeat(64) }));
    const all = await copied(backups);
    rmSync(join(all.storage.place, record));
    // One that would stand for the whole chain; and one that stands for nothing, but says other hashes.
    await forge(all, 3, { sequence: 1, result: await rubbish(all, 3, chain[0]), parts: chain });
    await forge(all, 3, { sequence: 2, result: await rubbish(all, 3, chain[0]), parts: wrong.toReversed() });
    expect(restoredByHand(all, repo, last().entry)).toEqual(last().refs);
    // Nor are they where something is gone, and a record of ours says what stands for it.
    const from = await copied(backups);
    await forge(from, 3, { sequence: 2, result: await rubbish(from, 3, chain[0]), parts: wrong.toReversed() });
    rmSync(join(from.storage.place, chain[3]?.object ?? ''));
    expect(restoredByHand(from, repo, last().entry)).toEqual(last().refs);
  });

  test('are not read while what they stand for is there', async () => {
    const from = await copied(before);
    const read = await chainOf(from, last().entry);
    expect(await compact(await withOtherKey(from), 3)).toHaveLength(1);
    const { manifest, damage } = await from.catalogue.manifest(last().entry, { signal });
    expect(damage.join()).toContain('not signed by this agent');
    expect(manifest.chain).toEqual(read);
    // What is lost otherwise is read from there all the same.
    await from.storage.remove(read.at(-1)?.object ?? '');
    expect(await restored(from, last().entry)).toEqual(last().refs);
  });

  test('make the rest of a snapshot no worse: after a lost vault git is read though metadata is lost', async () => {
    const from = await copied(backups);
    await sweep(from);
    const taken = await from.catalogue.manifest(last().entry, { signal });
    const chains = await openChains({ ...from, keys: (await withOtherKey(from)).keys }, place, { signal });
    const lost = { object: 'servers/srv/repos/3/metadata/00000009-lost.zst.age', bytes: 1, sha256: '0'.repeat(64), records: 1 };
    const metadata = { kinds: {}, index: [], chain: [lost] };
    const { manifest } = chains.resolve({ ...taken.written, metadata });
    expect(manifest.chain.map(({ object }) => object)).toEqual(taken.manifest.chain.map(({ object }) => object));
  });

  test('are named when they are used, and then nothing is removed and nothing merged; a restore succeeds', async () => {
    const from = await copied(backups);
    await sweep(from);
    const other = await withOtherKey(from);
    expect(await restored(other, last().entry)).toEqual(last().refs);
    expect((await other.catalogue.manifest(last().entry, { signal })).damage.join()).toContain('not signed by this agent');
    expect(await readRepo(other, place, { onRead: async () => undefined, broken: new Set() }, signal)).toMatchObject({
      undecided: expect.stringContaining('not signed by this agent'),
    });
    expect((await other.catalogue.orphans({ signal })).undecided).toEqual([place]);
    expect(await compact(other, 3)).toEqual([]);
  });
});
