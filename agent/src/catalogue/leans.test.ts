import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifestName, newBundleName } from '../storage/layout.ts';
import { sealed } from '../storage/sealed.ts';
import { leansInStorage, sayLean } from './leans.ts';
import { idOf, type Manifest } from './manifest.ts';
import { nextManifest } from './next-manifest.ts';
import { mainAt, openSample, repo, type Sample, signal, take, taken } from './sample.ts';

const fork = { serverId: repo.serverId, repoId: 7 };

/** Takes a snapshot of the fork that leans on the last one of the repo, without the word about it. */
async function lean({ catalogue }: Sample): Promise<Manifest> {
  const { before } = await catalogue.prepare(repo, { signal });
  if (before === undefined) throw new Error('there is nothing to lean on');
  const { manifest, sha256 } = before;
  const named = { id: fork.repoId, projectKey: '~ANN', projectName: null, slug: 'apples', name: 'Apples' };
  const leansOn = { repoId: repo.repoId, id: idOf(manifest), sha256 };
  const next = await catalogue.prepare(fork, { signal });
  const leaning = nextManifest(taken(mainAt('b'), { repo: named, chain: manifest.chain, leansOn }), next);
  await catalogue.add(leaning, { signal });
  return leaning;
}

/** Another agent with the same keys: it knows of a snapshot only what storage says. */
const another = ({ storage, keys, signingKey }: Sample): Promise<Sample> => openSample({ storage, keys, signingKey });
const on = (sample: Sample, listed: readonly string[] = []) => leansInStorage(sample, repo, listed, signal);

describe('a fork that leans on a snapshot', () => {
  test('is read with that one’s chain before its own, and not without it', async () => {
    const sample = await openSample();
    const { manifest: below } = await take(sample, mainAt('a'));
    await lean(sample);
    const entry = await sample.catalogue.find({ repo: fork });
    expect(entry.snapshot).toMatchObject({ leansOn: { repoId: 42, snapshotId: '00000001' }, bytes: 0, chainBytes: 0 });
    const { manifest, written } = await sample.catalogue.manifest(entry, { signal });
    expect(manifest.chain).toEqual(below.chain);
    expect(written.chain).toEqual([]);
    writeFileSync(join(sample.storage.place, manifestName(repo, '00000001')), 'rubbish');
    await expect(sample.catalogue.manifest(entry, { signal })).rejects.toMatchObject({ code: 'backup-damaged' });
    // Its next backup leaves all of it alone.
    expect(await sample.catalogue.prepare(fork, { signal })).toMatchObject({
      before: undefined,
      damage: expect.stringContaining('cannot be used'),
    });
  });

  test('is not committed when something of that one is missing', async () => {
    const sample = await openSample();
    const { manifest } = await take(sample, mainAt('a'));
    await sample.storage.remove(manifest.chain[0]?.object ?? '');
    await expect(lean(sample)).rejects.toMatchObject({ code: 'backup-damaged' });
  });

  test('leans on no snapshot that leans itself, and names nobody else’s bundles', async () => {
    const sample = await openSample();
    await take(sample, mainAt('a'));
    const leaning = await lean(sample);
    const { manifestSha256 } = await sample.catalogue.find({ repo: fork });
    const third = { ...leaning, repo: { ...leaning.repo, id: 8 }, leansOn: { repoId: 7, id: '00000001', sha256: manifestSha256 } };
    await expect(sample.catalogue.add(third, { signal })).rejects.toThrow('leans on another one itself');
    const object = newBundleName(repo, '00000001');
    const link = { object, ...(await sealed(sample.storage, sample.keys).put(object, (async function* () {})(), { signal })) };
    const counts = { kind: 'full' as const, packBytes: 1, packObjects: 1, prerequisites: 0, refsCount: 0 };
    const forged = { ...leaning, sequence: 2, leansOn: null, chain: [{ ...link, ...counts }] };
    const entry = await sample.catalogue.add(forged, { signal });
    await expect(sample.catalogue.manifest(entry, { signal })).rejects.toThrow('another repository’s');
  });

  test('keeps it: for the agent that made it, by its word for any other, and for all when a record of the fork cannot be read', async () => {
    const sample = await openSample();
    await take(sample, mainAt('a'));
    await lean(sample);
    expect([...(await on(sample)).needed]).toEqual([['00000001', '~ANN/apples leans on it']]);
    const other = await another(sample);
    expect((await on(other)).needed.size).toBe(0);
    const { name } = await sayLean(sealed(sample.storage, sample.keys), repo, { snapshotId: '00000001', forkId: 7 }, signal);
    expect([...(await on(other)).needed.keys()]).toEqual(['00000001']);
    // A word that a signed list names counts though it be gone.
    await sample.storage.remove(name);
    expect((await on(other)).needed.size).toBe(0);
    expect([...(await on(other, [name])).needed.keys()]).toEqual(['00000001']);
    await sayLean(sealed(sample.storage, sample.keys), repo, { snapshotId: '00000001', forkId: 7 }, signal);
    writeFileSync(join(sample.storage.place, manifestName(fork, '00000001')), 'rubbish');
    const found = await on(other);
    expect([...found.needed.keys()]).toEqual(['00000001']);
    expect(found.over.size).toBe(0);
  });

  test('keeps it no longer when its last snapshot that leaned is gone: the word is over', async () => {
    const sample = await openSample();
    await take(sample, mainAt('a'));
    await lean(sample);
    const { name } = await sayLean(sealed(sample.storage, sample.keys), repo, { snapshotId: '00000001', forkId: 7 }, signal);
    expect((await on(sample)).over.size).toBe(0);
    await sample.catalogue.remove({ ...fork, id: '00000001' });
    for (const one of [sample, await another(sample)]) {
      const found = await on(one);
      expect({ needed: found.needed.size, over: [...found.over] }).toEqual({ needed: 0, over: [name] });
    }
  });
});
