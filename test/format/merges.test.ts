import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compactRepo, type MadeMerge } from '@gitprotect/agent/backup/compact/compact-repo';
import { neededBy, readRepo } from '@gitprotect/agent/backup/prune/repo-objects';
import { Catalogue } from '@gitprotect/agent/catalogue/catalogue';
import { Ledger } from '@gitprotect/agent/catalogue/ledger';
import type { Entry } from '@gitprotect/agent/catalogue/snapshot-row';
import { newSigningKey } from '@gitprotect/agent/catalogue/ssh-signature';
import { openDatabase } from '@gitprotect/agent/db/database';
import { systemClock } from '@gitprotect/agent/lib/clock';
import { verify } from '@gitprotect/agent/proof/verify';
import { restoreToFolder } from '@gitprotect/agent/restore/to-folder';
import { mergeName } from '@gitprotect/agent/storage/layout';
import { openLocalStorage } from '@gitprotect/agent/storage/local';
import { sealed } from '@gitprotect/agent/storage/sealed';
import { commit } from '../repositories/history.ts';
import { allRefs, emptyRepository, fastImport } from '../repositories/real-git.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { backUp, host, newBackups, signal, type Backups } from './backup.ts';
import { faulty, type Faults } from './faulty.ts';

const script = join(import.meta.dirname, '../../docs/restore-by-hand.sh');
const main = 'refs/heads/main';
let backups: Backups;
let copies = 0;

/** A repo and what it was at each snapshot. */
interface Moving {
  readonly id: number;
  readonly source: string;
  readonly states: { readonly entry: Entry; readonly refs: string[] }[];
}

beforeAll(async () => {
  backups = await newBackups();
});
afterAll(() => rmSync(backups.root, { recursive: true, force: true }));

const lines = (changed: number): string => Array.from({ length: 300 }, (_, at) => `line ${at === changed ? 'changed' : at}\n`).join('');

/** Days of a repo: a commit each, every third one takes an earlier change back, now and then history is rewritten. Each day is backed up. */
async function live({ id, source, states }: Moving, days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    const rewritten = states.length % 7 === 5;
    const parents = states.length === 0 ? [] : [rewritten ? `${main}~1` : `${main}^0`];
    const files = { 'long.txt': lines(states.length % 3), [`day-${states.length}.txt`]: `${states.length}\n` };
    await fastImport(source, [commit({ ref: main, mark: 1, parents, files })]);
    states.push({ entry: await backUp(backups, source, id), refs: allRefs(source) });
  }
}

async function moving(id: number, objectFormat: string, days: number): Promise<Moving> {
  const repo: Moving = { id, source: join(backups.root, `${id}.git`), states: [] };
  emptyRepository(repo.source, objectFormat);
  await live(repo, days);
  return repo;
}

function lastOf({ states }: Moving): Moving['states'][number] {
  const last = states.at(-1);
  if (last === undefined) throw new Error('there is no snapshot');
  return last;
}

const placeOf = (from: Backups) => ({
  ...from,
  sealed: sealed(from.storage, from.keys),
  clock: systemClock,
  id: 'compact_test',
  note: async () => undefined,
});

async function compact(id: number, from = backups): Promise<MadeMerge[]> {
  const made: MadeMerge[] = [];
  const last = await from.catalogue.latest({ serverId: 'srv', repoId: id });
  if (last !== undefined) for await (const merge of compactRepo(last, placeOf(from), signal)) made.push(merge);
  return made;
}

/** Removes what no snapshot needs any more, as pruning does. */
async function sweep(from = backups): Promise<number> {
  const { objects, undecided } = await from.catalogue.orphans({ signal });
  expect(undecided).toEqual([]);
  for (const { name } of objects) await from.storage.remove(name);
  return objects.length;
}

async function restored(entry: Entry, from = backups): Promise<string[]> {
  const target = join(backups.root, `restored-${(copies += 1)}`);
  expect(await restoreToFolder({ ...from, clock: systemClock }, entry, target, { host })).toMatchObject({
    verified: true,
    differences: [],
  });
  return allRefs(target);
}

function restoredByHand({ id }: Moving, { snapshot }: Entry, from = backups): string[] {
  const target = join(backups.root, `by-hand-${(copies += 1)}`);
  const args = [script, from.agentKey, from.storage.place, `srv/${id}`, target, snapshot.id];
  execFileSync('sh', args, { env: { PATH: process.env['PATH'] ?? '' }, stdio: ['ignore', 'pipe', 'pipe'] });
  return allRefs(target);
}

/** The same storage as it is now, in a folder of its own, with a database that knows only what it says. */
async function copied(faults?: Faults): Promise<Backups> {
  const folder = join(backups.root, `copy-${(copies += 1)}`);
  cpSync(backups.storage.place, folder, { recursive: true });
  const local = await openLocalStorage(folder, { create: false });
  const catalogue = new Catalogue({ storage: local, keys: backups.keys, db: openDatabase(':memory:') });
  await catalogue.rebuild({ signal });
  if (faults === undefined) return { ...backups, storage: local, catalogue };
  const storage = faulty(local, faults);
  return { ...backups, storage, catalogue: new Catalogue({ storage, keys: backups.keys, db: openDatabase(':memory:') }) };
}

async function chainOf(entry: Entry, from = backups) {
  const { manifest } = await from.catalogue.manifest(entry, { signal });
  return manifest.chain;
}

const flip = (from: Backups, object: string): void => {
  const file = join(from.storage.place, object);
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 40) ^ 1, bytes.length - 40);
  writeFileSync(file, bytes);
};

describe.each([
  { objectFormat: 'sha1', id: 1, more: 9 },
  { objectFormat: 'sha256', id: 2, more: 0 },
])('a chain of a $objectFormat repo', ({ objectFormat, id, more }) => {
  test('is merged over and over, and every snapshot restores from few objects, by the agent and by hand', async () => {
    const repo = await moving(id, objectFormat, 9);
    expect(await compact(id)).toMatchObject([{ of: 'bundles' }]);
    expect(await sweep()).toBeGreaterThan(2);
    await live(repo, more);
    expect((await compact(id)).length > 0).toBe(more > 0);
    await sweep();
    expect(await storageInvariants(backups.storage.place, backups.keys)).toMatchObject({ violations: [], orphans: [] });
    const lengths = await Promise.all(repo.states.map(async ({ entry }) => (await chainOf(entry)).length));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(8);
    for (const { entry, refs } of repo.states.filter((_, at) => at % 9 === 2)) expect(await restored(entry)).toEqual(refs);
    for (const { entry, refs } of repo.states.filter((_, at) => at === 4)) expect(restoredByHand(repo, entry)).toEqual(refs);
  });
});

describe('merged bundles', () => {
  let repo: Moving;
  let before: Backups;

  beforeAll(async () => {
    repo = await moving(3, 'sha1', 9);
    before = await copied();
    await compact(3);
  });
  const last = (): Moving['states'][number] => lastOf(repo);
  const mergedOf = async (from: Backups): Promise<string> => {
    const merged = (await chainOf(last().entry, from)).find(({ instead }) => instead !== undefined);
    if (merged === undefined) throw new Error('nothing was merged');
    return merged.object;
  };

  test('that are damaged or gone are done without while what they were made of is there, and are named', async () => {
    for (const harm of [flip, (from: Backups, object: string) => rmSync(join(from.storage.place, object))]) {
      const from = await copied();
      const object = await mergedOf(from);
      harm(from, object);
      expect(await restored(last().entry, from)).toEqual(last().refs);
      const db = openDatabase(':memory:');
      const ledger = new Ledger({ storage: from.storage, storageId: 'storage', db, signingKey: from.keys.signing });
      const place = { ...placeOf(from), id: 'storage', plain: from.storage, ledger, db };
      const options = { drill: false, everything: false, scratch: join(backups.root, 'scratch'), host, clock: systemClock };
      const report = await verify(place, [last().entry.snapshot], options);
      expect(report.problems.map(({ message }) => message).join()).toContain(object);
    }
    const from = await copied();
    flip(from, await mergedOf(from));
    expect(restoredByHand(repo, last().entry, from)).toEqual(last().refs);
  });

  test('that are known to be damaged leave what they were made of to be needed', async () => {
    const repoPlace = { serverId: 'srv', repoId: 3 };
    const object = await mergedOf(backups);
    const neededWith = async (broken: ReadonlySet<string>) => {
      const stored = await readRepo(backups, repoPlace, { onRead: async () => undefined, broken }, signal);
      if ('undecided' in stored) throw new Error(stored.undecided);
      return neededBy(stored, stored.snapshots.keys()).objects;
    };
    expect(await neededWith(new Set())).toContain(object);
    const parts = (await chainOf(last().entry)).find((link) => link.object === object)?.instead ?? [];
    expect(parts.length).toBeGreaterThan(1);
    expect([...(await neededWith(new Set([object])))]).toEqual(expect.arrayContaining(parts.map((part) => part.object)));
  });

  test('of which the record is damaged are not needed either, and nothing is swept', async () => {
    const from = await copied();
    flip(from, mergeName({ serverId: 'srv', repoId: 3 }, 1));
    expect(restoredByHand(repo, last().entry, from)).toEqual(last().refs);
    const { objects, undecided } = await from.catalogue.orphans({ signal });
    expect(objects.filter(({ name }) => name.includes('/repos/3/'))).toEqual([]);
    expect(undecided).toEqual([{ serverId: 'srv', repoId: 3 }]);
  });

  test('of which somebody else wrote the record are not read while what they stand for is there', async () => {
    const { storage, catalogue } = before;
    const keys = { ...before.keys, signing: newSigningKey() };
    const forger = { ...before, keys, catalogue: new Catalogue({ storage, keys, db: openDatabase(':memory:') }) };
    await forger.catalogue.rebuild({ signal });
    const read = await chainOf(last().entry, before);
    expect(await compact(3, forger)).toHaveLength(1);
    const { manifest, damage } = await catalogue.manifest(last().entry, { signal });
    expect(damage.join()).toContain('not signed by this agent');
    expect(manifest.chain).toEqual(read);
    // What is lost otherwise is read from there all the same.
    await before.storage.remove(read.at(-1)?.object ?? '');
    expect(await restored(last().entry, before)).toEqual(last().refs);
  });

  test('are one when two agents merge at once; the other’s is an orphan', async () => {
    const from = await copied();
    rmSync(join(from.storage.place, mergeName({ serverId: 'srv', repoId: 3 }, 1)));
    const made = await Promise.all([compact(3, from), compact(3, from)]);
    expect(made.flat()).toHaveLength(1);
    expect(await restored(last().entry, from)).toEqual(last().refs);
    await sweep(from);
    expect(await storageInvariants(from.storage.place, from.keys)).toMatchObject({ violations: [], orphans: [] });
  });

  test('stand in for what a backup under way had read, also when that was swept meanwhile', async () => {
    const other = await moving(4, 'sha1', 9);
    const { catalogue } = backups;
    const stale = await catalogue.prepare({ serverId: 'srv', repoId: 4 }, { signal });
    await compact(4);
    await sweep();
    const prepare = catalogue.prepare.bind(catalogue);
    catalogue.prepare = async () => stale;
    try {
      await live(other, 1);
    } finally {
      catalogue.prepare = prepare;
    }
    const { entry, refs } = lastOf(other);
    expect(stale.before?.manifest.chain).toHaveLength(9);
    expect(await restored(entry)).toEqual(refs);
  });
});

test('an agent that dies at any step of a merge leaves every snapshot as it was, and the next merge succeeds', async () => {
  rmSync(backups.root, { recursive: true, force: true });
  backups = await newBackups();
  const repo = await moving(5, 'sha1', 9);
  const { entry } = lastOf(repo);
  const faults: Faults = { steps: 0, dieAt: Infinity };
  const counted = await copied(faults);
  await counted.catalogue.rebuild({ signal });
  faults.steps = 0;
  expect(await compact(5, counted)).toHaveLength(1);
  const { steps } = faults;
  expect(steps).toBeGreaterThan(20);
  // The last steps are the ones that matter: the merged object, its reading back, its record.
  for (const dieAt of [steps >> 1, steps - 1, steps]) {
    const from = await copied(faults);
    Object.assign(faults, { dieAt: Infinity });
    await from.catalogue.rebuild({ signal });
    Object.assign(faults, { steps: 0, dieAt });
    await expect(compact(5, from)).rejects.toBeInstanceOf(Error);
    faults.dieAt = Infinity;
    expect((await storageInvariants(from.storage.place, from.keys)).violations).toEqual([]);
    await compact(5, from);
    expect((await chainOf(entry, from)).length).toBeLessThanOrEqual(8);
    expect((await storageInvariants(from.storage.place, from.keys)).violations).toEqual([]);
  }
});
