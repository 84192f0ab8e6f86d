import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { describe, expect, test } from 'vitest';
import { manifestName } from '../storage/layout.ts';
import { namesIn } from '../storage/storage-contract.ts';
import type { Storage } from '../storage/storage.ts';
import { Catalogue } from './catalogue.ts';
import { writeMerge } from './merge-record.ts';
import { nextManifest } from './next-manifest.ts';
import { newSigningKey } from './ssh-signature.ts';
import { renew } from './renewals.ts';
import { mainAt, newKeys, oid, openSample, putLink, repo, type Sample, signal, take, taken } from './sample.ts';

const manifestFile = ({ storage }: Sample, id: string): string => join(storage.place, manifestName(repo, id));

describe('the catalogue', () => {
  test('finds what was added: the last, by id, by time, by name', async () => {
    const sample = await openSample();
    const { entry: one } = await take(sample, mainAt('a'), { takenAt: '2026-03-01T02:00:00Z', listingHash: 'h1' });
    const { entry: two } = await take(sample, mainAt('b'), { takenAt: '2026-03-02T02:00:00Z' });
    const { catalogue } = sample;
    expect(one.snapshot).toMatchObject({ id: '00000001', kind: 'full', refs: 1, head: 'refs/heads/main', chainLength: 1 });
    expect(two.snapshot).toMatchObject({ id: '00000002', kind: 'incremental', chainLength: 2 });
    expect(two.snapshot.chainBytes).toBe(one.snapshot.bytes + two.snapshot.bytes);
    expect(await catalogue.latest(repo)).toEqual(two);
    expect(await catalogue.find({ repo, snapshotId: '00000001' })).toEqual(one);
    expect(await catalogue.find({ repo, at: '2026-03-02T01:00:00Z' })).toEqual(one);
    expect(await catalogue.find({ repo })).toEqual(two);
    expect(await catalogue.list({ projectKey: 'ORCH', slug: 'apples' })).toEqual([two.snapshot, one.snapshot]);
    expect(await catalogue.list({ slug: 'pears' })).toEqual([]);
    await expect(catalogue.find({ repo, at: '2026-02-01T00:00:00Z' })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('gives the whole list of refs back, through every kind of change', async () => {
    const sample = await openSample();
    const lists = [
      new Map([['refs/heads/x', { oid: oid('a') }]]),
      new Map([['refs/heads/x/y', { oid: oid('b') }]]),
      new Map([['refs/tags/v1', { oid: oid('c'), peeled: oid('d') }]]),
      new Map(),
      new Map([['refs/heads/\udcff', { oid: oid('a') }]]),
    ];
    for (const refs of lists) await take(sample, refs);
    for (const [index, refs] of lists.entries()) {
      const entry = await sample.catalogue.find({ repo, snapshotId: `0000000${index + 1}` });
      expect((await sample.catalogue.manifest(entry, { signal })).refs).toEqual(refs);
    }
  });

  test('commits nothing while an object of the chain is missing or short', async () => {
    const sample = await openSample();
    const link = await putLink(sample, '00000001', 'full');
    const manifest = nextManifest(taken(mainAt('a'), { chain: [link] }), { sequence: 1, before: undefined });
    truncateSync(join(sample.storage.place, link.object), link.bytes - 1);
    const damaged = { code: 'backup-damaged', message: expect.stringContaining(link.object) };
    await expect(sample.catalogue.add(manifest, { signal })).rejects.toMatchObject(damaged);
    await sample.storage.remove(link.object);
    await expect(sample.catalogue.add(manifest, { signal })).rejects.toMatchObject(damaged);
    expect(await namesIn(sample.storage)).toEqual(['gitprotect.json']);
    expect(await sample.catalogue.latest(repo)).toBeUndefined();
  });

  test('lets one of two agents with databases of their own commit, and the other continue', async () => {
    const one = await openSample();
    const two = await openSample(one);
    const next = await two.catalogue.prepare(repo, { signal });
    await take(one, mainAt('a'));
    const late = nextManifest(taken(mainAt('b'), { chain: [await putLink(two, next.id, 'full')] }), next);
    await expect(two.catalogue.add(late, { signal })).rejects.toMatchObject({ code: 'storage-exists' });
    const { entry } = await take(two, mainAt('b'));
    expect(entry.snapshot).toMatchObject({ id: '00000002', kind: 'incremental' });
  });

  test('passes over a last snapshot that is damaged, and says so', async () => {
    const sample = await openSample();
    await take(sample, mainAt('a'));
    appendFileSync(manifestFile(sample, '00000001'), 'x');
    const next = await sample.catalogue.prepare(repo, { signal });
    expect(next).toMatchObject({ id: '00000002', before: undefined, damage: expect.stringContaining('00000001.json') });
    expect((await take(sample, mainAt('a'))).entry.snapshot).toMatchObject({ id: '00000002', kind: 'full' });
  });

  test('does not continue a last snapshot that was taken away or replaced, and says so', async () => {
    const sample = await openSample();
    await take(sample, mainAt('a'));
    await take(sample, mainAt('b'));
    await sample.storage.remove(manifestName(repo, '00000002'));
    const rolledBack = { id: '00000003', before: undefined, damage: expect.stringContaining('00000002.json.zst.age') };
    expect(await sample.catalogue.prepare(repo, { signal })).toMatchObject(rolledBack);
    const forger = await openSample({ keys: sample.keys });
    await take(forger, mainAt('a'));
    await take(forger, mainAt('c'));
    copyFileSync(manifestFile(forger, '00000002'), manifestFile(sample, '00000002'));
    expect(await sample.catalogue.prepare(repo, { signal })).toMatchObject(rolledBack);
  });

  test('builds nothing on a last snapshot that can be read only as a merge of somebody else says: neither its own next one nor a fork', async () => {
    const sample = await openSample();
    await take(sample, mainAt('a'));
    const { manifest } = await take(sample, mainAt('b'));
    const fork = { ...repo, repoId: 7 };
    const on = { repoId: repo.repoId, id: '00000002', sha256: (await sample.catalogue.find({ repo })).manifestSha256 };
    const leaning = { repo: { id: 7, projectKey: '~ANN', projectName: null, slug: 'apples', name: 'Apples' }, leansOn: on };
    await take(sample, mainAt('c'), { ...leaning, kind: 'refs-only' });
    const result = await putLink(sample, '00000002', 'full');
    const parts = manifest.chain.map((link, at) => ({ ...link, first: at + 1, last: at + 1 }));
    const header = { format: 1 as const, server: { id: repo.serverId }, repo: { id: repo.repoId }, sequence: 1 };
    const record = { ...header, madeAt: '2026-03-02T02:00:00Z', of: 'bundles' as const, result, parts };
    const forger = { ...sample, keys: { ...sample.keys, signing: newSigningKey() } };
    await writeMerge(forger, record, async () => undefined, signal);
    expect(await sample.catalogue.prepare(repo, { signal })).toMatchObject({ id: '00000003', damage: null });
    for (const { object } of manifest.chain) await sample.storage.remove(object);
    // It can be restored.
    expect((await sample.catalogue.manifest(await sample.catalogue.find({ repo }), { signal })).manifest.chain).toEqual([result]);
    const refused = { before: undefined, packs: null, damage: expect.stringContaining('not signed by this agent') };
    expect(await sample.catalogue.prepare(fork, { signal })).toMatchObject({ id: '00000002', ...refused });
    expect(await sample.catalogue.prepare(repo, { signal })).toMatchObject({ id: '00000003', ...refused });
    await take(sample, mainAt('b'));
    expect(await sample.catalogue.prepare(repo, { signal })).toMatchObject({ id: '00000004', damage: null });
  });

  test('passes over rubbish that somebody put under the next number, and refuses the last number there is', async () => {
    const sample = await openSample();
    await take(sample, mainAt('a'));
    writeFileSync(manifestFile(sample, '00000002'), 'rubbish');
    expect((await take(sample, mainAt('a'))).entry.snapshot).toMatchObject({ id: '00000003', kind: 'full' });
    writeFileSync(manifestFile(sample, '99999999'), 'rubbish');
    await expect(sample.catalogue.prepare(repo, { signal })).rejects.toMatchObject({ code: 'storage-corrupt' });
  });

  test('finds a manifest that was swapped for another of ours', async () => {
    const sample = await openSample();
    const { entry: one } = await take(sample, mainAt('a'));
    await take(sample, mainAt('b'));
    copyFileSync(manifestFile(sample, '00000002'), manifestFile(sample, '00000001'));
    await expect(sample.catalogue.manifest(one, { signal })).rejects.toMatchObject({
      code: 'backup-damaged',
      message: expect.stringContaining('00000001'),
    });
    const { damaged } = await sample.catalogue.rebuild({ signal });
    expect(damaged).toEqual([expect.stringContaining('it is the record of another snapshot')]);
  });

  test('finds a snapshot that was replaced by one that is whole in itself', async () => {
    const sample = await openSample();
    await take(sample, mainAt('a'));
    await take(sample, mainAt('b'));
    const forger = await openSample({ keys: sample.keys });
    await take(forger, mainAt('c'));
    writeFileSync(manifestFile(sample, '00000001'), readFileSync(manifestFile(forger, '00000001')));
    const { damaged } = await sample.catalogue.rebuild({ signal });
    expect(damaged).toEqual([expect.stringMatching(/00000001\.json\.zst\.age was replaced/)]);
  });

  test('tells at once what was last seen of many repos, and not of one that is to be taken anew', async () => {
    const sample = await openSample();
    const other = { ...repo, serverId: 's2' };
    expect((await sample.catalogue.seen([repo]))(repo)).toBeUndefined();
    await take(sample, mainAt('a'), { listingHash: 'h1' });
    await take(sample, mainAt('b'), { listingHash: 'h2' });
    const seen = await sample.catalogue.seen([other, repo]);
    expect(seen(repo)).toEqual({ snapshotId: '00000002', objectFormat: 'sha1', listingHash: 'h2' });
    expect(seen(other)).toBeUndefined();
    await renew(sample.db, repo, 'it is damaged');
    expect((await sample.catalogue.seen([repo]))(repo)).toEqual({ snapshotId: '00000002', objectFormat: 'sha1', listingHash: null });
  });

  test('is made again from storage alone', async () => {
    const before = await openSample();
    await take(before, mainAt('a'), { listingHash: 'h1' });
    await take(before, mainAt('b'), { listingHash: 'h2' });
    const after = await openSample(before);
    expect(await after.catalogue.rebuild({ signal })).toEqual({ snapshots: 2, repos: 1, damaged: [] });
    expect(await after.catalogue.list()).toEqual(await before.catalogue.list());
    expect(await after.catalogue.latest(repo)).toEqual(await before.catalogue.latest(repo));
  });

  test('is made again without what is damaged or gone, which is named', async () => {
    const sample = await openSample();
    await take(sample, mainAt('a'));
    await take(sample, mainAt('b'));
    await take(sample, mainAt('c'));
    writeFileSync(manifestFile(sample, '00000002'), 'rubbish');
    await sample.storage.remove(manifestName(repo, '00000003'));
    const rebuilt = await sample.catalogue.rebuild({ signal });
    expect(rebuilt).toMatchObject({ snapshots: 1, damaged: [expect.stringContaining('00000002.json.zst.age')] });
    expect((await sample.catalogue.list()).map(({ id }) => id)).toEqual(['00000001']);
  });

  test('keeps what it has when the key is wrong', async () => {
    const sample = await openSample();
    await take(sample, mainAt('a'));
    const wrong = await openSample({ storage: sample.storage, keys: await newKeys() });
    await expect(wrong.catalogue.rebuild({ signal })).rejects.toMatchObject({ code: 'storage-foreign' });
  });

  test('names as orphans only what no snapshot needs, and nothing where it cannot tell', async () => {
    const sample = await openSample();
    await take(sample, mainAt('a'));
    const { object, bytes } = await putLink(sample, '00000002', 'incremental');
    expect(await sample.catalogue.orphans({ signal })).toEqual({ objects: [{ name: object, bytes }], undecided: [] });
    await take(sample, mainAt('b'));
    appendFileSync(manifestFile(sample, '00000002'), 'x');
    expect(await sample.catalogue.orphans({ signal })).toEqual({ objects: [], undecided: [repo] });
  });

  test('lists no snapshot whose manifest is about to go, and lists it again where it may not', async () => {
    const sample = await openSample();
    const { entry } = await take(sample, mainAt('a'));
    const seen: unknown[] = [];
    const locked: Storage = Object.assign(Object.create(sample.storage), {
      remove: async () => {
        seen.push(await sample.catalogue.latest(repo));
        throw new AppError('storage-read-only', 'it is locked');
      },
    });
    const pruning = new Catalogue({ ...sample, storage: locked });
    await expect(pruning.remove(entry.snapshot)).rejects.toMatchObject({ code: 'storage-read-only' });
    expect(seen).toEqual([undefined]);
    expect(await sample.catalogue.latest(repo)).toEqual(entry);
  });

  test('forgets a snapshot in storage and database', async () => {
    const sample = await openSample();
    const { entry } = await take(sample, mainAt('a'));
    await sample.catalogue.remove(entry.snapshot);
    expect(await sample.catalogue.latest(repo)).toBeUndefined();
    expect((await sample.catalogue.rebuild({ signal })).snapshots).toBe(0);
  });
});
