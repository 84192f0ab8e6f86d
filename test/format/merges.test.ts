import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { neededBy, readRepo } from '@gitprotect/agent/backup/prune/repo-objects';
import { Ledger } from '@gitprotect/agent/catalogue/ledger';
import { openDatabase } from '@gitprotect/agent/db/database';
import { systemClock } from '@gitprotect/agent/lib/clock';
import { verify } from '@gitprotect/agent/proof/verify';
import { mergeName } from '@gitprotect/agent/storage/layout';
import { flip } from '../flip.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { backUp, type Backups, host, newBackups, signal } from './backup.ts';
import type { Faults } from './faulty.ts';
import {
  chainOf,
  compact,
  copied,
  lastOf,
  live,
  mergedOf,
  moving,
  type Moving,
  placeOf,
  restored,
  restoredByHand,
  sweep,
} from './merge-stage.ts';

let backups: Backups;

beforeAll(async () => {
  backups = await newBackups();
});
afterAll(() => rmSync(backups.root, { recursive: true, force: true }));

describe.each([
  { objectFormat: 'sha1', id: 1, more: 9 },
  { objectFormat: 'sha256', id: 2, more: 0 },
])('a chain of a $objectFormat repo', ({ objectFormat, id, more }) => {
  test('is merged over and over, and every snapshot restores from few objects, by the agent and by hand', async () => {
    const repo = await moving(backups, id, objectFormat, 9);
    expect(await compact(backups, id)).toMatchObject([{ of: 'bundles' }]);
    expect(await sweep(backups)).toBeGreaterThan(2);
    await live(backups, repo, more);
    expect((await compact(backups, id)).length > 0).toBe(more > 0);
    await sweep(backups);
    expect(await storageInvariants(backups.storage.place, backups.keys)).toMatchObject({ violations: [], orphans: [] });
    const lengths = await Promise.all(repo.states.map(async ({ entry }) => (await chainOf(backups, entry)).length));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(8);
    for (const { entry, refs } of repo.states.filter((_, at) => at % 9 === 2)) expect(await restored(backups, entry)).toEqual(refs);
    for (const { entry, refs } of repo.states.filter((_, at) => at === 4)) expect(restoredByHand(backups, repo, entry)).toEqual(refs);
  });
});

describe('merged bundles', () => {
  let repo: Moving;

  beforeAll(async () => {
    repo = await moving(backups, 3, 'sha1', 9);
    await compact(backups, 3);
  });
  const last = (): Moving['states'][number] => lastOf(repo);

  test('that are damaged or gone are done without while what they were made of is there, and are named', async () => {
    for (const harm of [flip, (file: string) => rmSync(file)]) {
      const from = await copied(backups);
      const object = await mergedOf(from, last().entry);
      harm(join(from.storage.place, object));
      expect(await restored(from, last().entry)).toEqual(last().refs);
      const db = openDatabase(':memory:');
      const ledger = new Ledger({ storage: from.storage, storageId: 'storage', db, signingKey: from.keys.signing });
      const place = { ...placeOf(from), id: 'storage', plain: from.storage, ledger, db };
      const options = { drill: false, everything: false, scratch: join(backups.root, 'scratch'), host, clock: systemClock };
      const report = await verify(place, [last().entry.snapshot], options);
      expect(report.problems.map(({ message }) => message).join()).toContain(object);
    }
  });

  test('are read by hand where what the snapshot names is gone, and done without where they are what is damaged', async () => {
    const from = await copied(backups);
    const chain = (await chainOf(from, last().entry)).find(({ instead }) => instead !== undefined)?.instead ?? [];
    rmSync(join(from.storage.place, chain[1]?.object ?? ''));
    expect(restoredByHand(from, repo, last().entry)).toEqual(last().refs);
    const other = await copied(backups);
    // Its manifest names the merged bundle itself.
    const entry = await backUp(other, repo.source, 3);
    flip(join(other.storage.place, await mergedOf(other, last().entry)));
    expect(restoredByHand(other, repo, entry)).toEqual(last().refs);
  });

  test('that are known to be damaged leave what they were made of to be needed', async () => {
    const repoPlace = { serverId: 'srv', repoId: 3 };
    const object = await mergedOf(backups, last().entry);
    const neededWith = async (broken: ReadonlySet<string>) => {
      const stored = await readRepo(backups, repoPlace, { onRead: async () => undefined, broken }, signal);
      if ('undecided' in stored) throw new Error(stored.undecided);
      return neededBy(stored, stored.snapshots.keys()).objects;
    };
    expect(await neededWith(new Set())).toContain(object);
    const parts = (await chainOf(backups, last().entry)).find((link) => link.object === object)?.instead ?? [];
    expect(parts.length).toBeGreaterThan(1);
    expect([...(await neededWith(new Set([object])))]).toEqual(expect.arrayContaining(parts.map((part) => part.object)));
  });

  test('of which the record is damaged are not needed either, and nothing is swept', async () => {
    const from = await copied(backups);
    flip(join(from.storage.place, mergeName({ serverId: 'srv', repoId: 3 }, 1)));
    expect(restoredByHand(from, repo, last().entry)).toEqual(last().refs);
    const { objects, undecided } = await from.catalogue.orphans({ signal });
    expect(objects.filter(({ name }) => name.includes('/repos/3/'))).toEqual([]);
    expect(undecided).toEqual([{ serverId: 'srv', repoId: 3 }]);
  });

  test('are one when two agents merge at once; the other’s is an orphan', async () => {
    const from = await copied(backups);
    rmSync(join(from.storage.place, mergeName({ serverId: 'srv', repoId: 3 }, 1)));
    const made = await Promise.all([compact(from, 3), compact(from, 3)]);
    expect(made.flat()).toHaveLength(1);
    expect(await restored(from, last().entry)).toEqual(last().refs);
    await sweep(from);
    expect(await storageInvariants(from.storage.place, from.keys)).toMatchObject({ violations: [], orphans: [] });
  });

  test('stand in for what a backup under way had read, also when that was swept meanwhile', async () => {
    const other = await moving(backups, 4, 'sha1', 9);
    const { catalogue } = backups;
    const stale = await catalogue.prepare({ serverId: 'srv', repoId: 4 }, { signal });
    await compact(backups, 4);
    await sweep(backups);
    const prepare = catalogue.prepare.bind(catalogue);
    catalogue.prepare = async () => stale;
    try {
      await live(backups, other, 1);
    } finally {
      catalogue.prepare = prepare;
    }
    const { entry, refs } = lastOf(other);
    expect(stale.before?.manifest.chain).toHaveLength(9);
    expect(await restored(backups, entry)).toEqual(refs);
  });
});

test('an agent that dies at any step of a merge leaves every snapshot as it was, and the next merge succeeds', async () => {
  rmSync(backups.root, { recursive: true, force: true });
  backups = await newBackups();
  const repo = await moving(backups, 5, 'sha1', 9);
  const { entry } = lastOf(repo);
  const faults: Faults = { steps: 0, dieAt: Infinity };
  const counted = await copied(backups, faults);
  await counted.catalogue.rebuild({ signal });
  faults.steps = 0;
  expect(await compact(counted, 5)).toHaveLength(1);
  const { steps } = faults;
  expect(steps).toBeGreaterThan(20);
  // The last steps are the ones that matter: the merged object, its reading back, its record.
  for (const dieAt of [steps >> 1, steps - 1, steps]) {
    const from = await copied(backups, faults);
    Object.assign(faults, { dieAt: Infinity });
    await from.catalogue.rebuild({ signal });
    Object.assign(faults, { steps: 0, dieAt });
    await expect(compact(from, 5)).rejects.toBeInstanceOf(Error);
    faults.dieAt = Infinity;
    expect((await storageInvariants(from.storage.place, from.keys)).violations).toEqual([]);
    await compact(from, 5);
    expect((await chainOf(from, entry)).length).toBeLessThanOrEqual(8);
    expect((await storageInvariants(from.storage.place, from.keys)).violations).toEqual([]);
  }
});
