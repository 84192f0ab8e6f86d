import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Catalogue } from '@gitprotect/agent/catalogue/catalogue';
import { openDatabase } from '@gitprotect/agent/db/database';
import { systemClock } from '@gitprotect/agent/lib/clock';
import { restoreToFolder } from '@gitprotect/agent/restore/to-folder';
import { bytesOf } from '@gitprotect/agent/storage/bytes';
import { commit } from '../repositories/history.ts';
import { allRefs, emptyRepository, fastImport } from '../repositories/real-git.ts';
import { backUp, host, newBackups, signal, type Backups } from './backup.ts';
import { Died, faulty, type Faults } from './faulty.ts';

const repo = { serverId: 'srv', repoId: 1 };
const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** A storage with one snapshot of a repo that has changed since. */
async function before(): Promise<{ backups: Backups; faults: Faults; source: string }> {
  const faults = { steps: 0, dieAt: Infinity };
  const backups = await newBackups((storage) => faulty(storage, faults));
  roots.push(backups.root);
  const source = join(backups.root, 'source.git');
  emptyRepository(source);
  const file = { 'a.txt': 'one\n' };
  await fastImport(source, [commit({ ref: 'refs/heads/main', mark: 1, files: file })]);
  await backUp(backups, source, repo.repoId);
  await fastImport(source, [commit({ ref: 'refs/heads/main', mark: 1, parents: ['refs/heads/main^0'], files: { 'a.txt': 'two\n' } })]);
  return { backups, faults, source };
}

/** The agent after its machine came up again: the same storage, a database that knows only what storage says. */
async function restarted(backups: Backups, faults: Faults): Promise<Backups> {
  faults.dieAt = Infinity;
  const catalogue = new Catalogue({ storage: backups.storage, keys: backups.keys, db: openDatabase(':memory:') });
  expect((await catalogue.rebuild({ signal })).damaged).toEqual([]);
  return { ...backups, catalogue };
}

/** Every manifest's every object, byte for byte. */
async function checkPromises({ catalogue, storage }: Backups): Promise<string[]> {
  const snapshots = await catalogue.list();
  for (const { id } of snapshots) {
    const { manifest } = await catalogue.manifest(await catalogue.find({ repo, snapshotId: id }), { signal });
    for (const link of manifest.chain) {
      const bytes = await bytesOf(await storage.get(link.object, { signal }), 1e9, link.object);
      expect({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }).toEqual({
        bytes: link.bytes,
        sha256: link.sha256,
      });
    }
  }
  return snapshots.map(({ id }) => id).toSorted();
}

describe('an agent that dies', () => {
  let steps: number;

  beforeAll(async () => {
    const { backups, faults, source } = await before();
    faults.steps = 0;
    await backUp(backups, source, repo.repoId);
    steps = faults.steps;
  });

  test('at any step of a backup leaves only whole snapshots, and the next run ends as if nothing had been', async () => {
    expect(steps).toBeGreaterThan(10);
    const ends = new Set<string>();
    for (let dieAt = 1; dieAt <= steps; dieAt += 1) {
      const { backups, faults, source } = await before();
      Object.assign(faults, { steps: 0, dieAt });
      await expect(backUp(backups, source, repo.repoId)).rejects.toThrow(Died);
      const again = await restarted(backups, faults);
      ends.add((await checkPromises(again)).join(' '));
      const entry = await backUp(again, source, repo.repoId);
      const target = join(backups.root, 'restored.git');
      const report = await restoreToFolder({ ...again, clock: systemClock }, entry, target, { host });
      expect(report).toMatchObject({ verified: true, differences: [] });
      expect(allRefs(target)).toEqual(allRefs(source));
    }
    // Both ends were seen: the snapshot that never was, and the one whose commit was not heard of.
    expect(ends).toEqual(new Set(['00000001', '00000001 00000002']));
  });

  test('leaves bundles that are found as orphans, and no others', async () => {
    const { backups, faults, source } = await before();
    Object.assign(faults, { steps: 0, dieAt: steps - 1 });
    await expect(backUp(backups, source, repo.repoId)).rejects.toThrow(Died);
    const again = await restarted(backups, faults);
    const { objects } = await again.catalogue.orphans({ signal });
    expect(objects).toHaveLength(1);
    for (const { name } of objects) await again.storage.remove(name);
    expect(await checkPromises(again)).toEqual(['00000001']);
  });
});
