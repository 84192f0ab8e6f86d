import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { compactRepo, type MadeMerge } from '@gitprotect/agent/backup/compact/compact-repo';
import { Catalogue } from '@gitprotect/agent/catalogue/catalogue';
import type { Link } from '@gitprotect/agent/catalogue/manifest';
import { writeMerge } from '@gitprotect/agent/catalogue/merge-record';
import type { Entry } from '@gitprotect/agent/catalogue/snapshot-row';
import { newSigningKey } from '@gitprotect/agent/catalogue/ssh-signature';
import { openDatabase } from '@gitprotect/agent/db/database';
import { systemClock } from '@gitprotect/agent/lib/clock';
import { restoreToFolder } from '@gitprotect/agent/restore/to-folder';
import { streamOf } from '@gitprotect/agent/storage/bytes';
import { newBundleName } from '@gitprotect/agent/storage/layout';
import { openLocalStorage } from '@gitprotect/agent/storage/local';
import { sealed } from '@gitprotect/agent/storage/sealed';
import { commit } from '../repositories/history.ts';
import { allRefs, emptyRepository, fastImport } from '../repositories/real-git.ts';
import { backUp, type Backups, host, signal } from './backup.ts';
import { faulty, type Faults } from './faulty.ts';

/* Repos that are backed up day by day, and whose chains are merged. */

const script = join(import.meta.dirname, '../../docs/restore-by-hand.sh');
const main = 'refs/heads/main';
let copies = 0;

/** A repo and what it was at each snapshot. */
export interface Moving {
  readonly id: number;
  readonly source: string;
  readonly states: { readonly entry: Entry; readonly refs: string[] }[];
}

const lines = (changed: number): string => Array.from({ length: 300 }, (_, at) => `line ${at === changed ? 'changed' : at}\n`).join('');

/** Days of a repo: a commit each, every third one takes an earlier change back, now and then history is rewritten. Each day is backed up. */
export async function live(backups: Backups, { id, source, states }: Moving, days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    const rewritten = states.length % 7 === 5;
    const parents = states.length === 0 ? [] : [rewritten ? `${main}~1` : `${main}^0`];
    const files = { 'long.txt': lines(states.length % 3), [`day-${states.length}.txt`]: `${states.length}\n` };
    await fastImport(source, [commit({ ref: main, mark: 1, parents, files })]);
    states.push({ entry: await backUp(backups, source, id), refs: allRefs(source) });
  }
}

export async function moving(backups: Backups, id: number, objectFormat: string, days: number): Promise<Moving> {
  const repo: Moving = { id, source: join(backups.root, `${id}.git`), states: [] };
  emptyRepository(repo.source, objectFormat);
  await live(backups, repo, days);
  return repo;
}

export function lastOf({ states }: Moving): Moving['states'][number] {
  const last = states.at(-1);
  if (last === undefined) throw new Error('there is no snapshot');
  return last;
}

export const placeOf = (from: Backups) => ({
  ...from,
  sealed: sealed(from.storage, from.keys),
  clock: systemClock,
  id: 'compact_test',
  note: async () => undefined,
});

export async function compact(from: Backups, id: number): Promise<MadeMerge[]> {
  const made: MadeMerge[] = [];
  const last = await from.catalogue.latest({ serverId: 'srv', repoId: id });
  if (last !== undefined) for await (const merge of compactRepo(last, placeOf(from), signal)) made.push(merge);
  return made;
}

/** Removes what no snapshot needs any more, as pruning does. */
export async function sweep(from: Backups): Promise<number> {
  const { objects, undecided } = await from.catalogue.orphans({ signal });
  expect(undecided).toEqual([]);
  for (const { name } of objects) await from.storage.remove(name);
  return objects.length;
}

export async function restored(from: Backups, entry: Entry): Promise<string[]> {
  const target = join(from.root, `restored-${(copies += 1)}`);
  expect(await restoreToFolder({ ...from, clock: systemClock }, entry, target, { host })).toMatchObject({
    verified: true,
    differences: [],
  });
  return allRefs(target);
}

export function restoredByHand(from: Backups, { id }: Moving, { snapshot }: Entry): string[] {
  const target = join(from.root, `by-hand-${(copies += 1)}`);
  const args = [script, from.agentKey, from.storage.place, `srv/${id}`, target, snapshot.id];
  execFileSync('sh', args, { env: { PATH: process.env['PATH'] ?? '' }, stdio: ['ignore', 'pipe', 'pipe'] });
  return allRefs(target);
}

/** The same storage as it is now, in a folder of its own, with a database that knows only what it says. */
export async function copied(backups: Backups, faults?: Faults): Promise<Backups> {
  const folder = join(backups.root, `copy-${(copies += 1)}`);
  cpSync(backups.storage.place, folder, { recursive: true });
  const local = await openLocalStorage(folder, { create: false });
  const catalogue = new Catalogue({ storage: local, keys: backups.keys, db: openDatabase(':memory:') });
  await catalogue.rebuild({ signal });
  if (faults === undefined) return { ...backups, storage: local, catalogue };
  const storage = faulty(local, faults);
  return { ...backups, storage, catalogue: new Catalogue({ storage, keys: backups.keys, db: openDatabase(':memory:') }) };
}

export async function chainOf(from: Backups, entry: Entry) {
  const { manifest } = await from.catalogue.manifest(entry, { signal });
  return manifest.chain;
}

/** The record of a merge of bundles, by somebody who has the public keys alone. */
export async function forge(from: Backups, repoId: number, { sequence, result, parts }: { sequence: number; result: Link; parts: Link[] }) {
  const header = { format: 1 as const, server: { id: 'srv' }, repo: { id: repoId }, sequence, madeAt: new Date(0).toISOString() };
  const row = parts.map((link, at) => ({ ...link, first: at + 1, last: at + 1 }));
  const keys = { ...from.keys, signing: newSigningKey() };
  const record = { ...header, of: 'bundles' as const, result, parts: row };
  await writeMerge({ storage: from.storage, keys }, record, async () => undefined, signal);
}

/** A link to an object that is no bundle, but sealed as one. */
export async function rubbish(from: Backups, repoId: number, like: Link | undefined): Promise<Link> {
  if (like === undefined) throw new Error('there is no link');
  const object = newBundleName({ serverId: 'srv', repoId }, '00000009');
  const stored = await sealed(from.storage, from.keys).put(object, streamOf('rubbish'), { signal });
  return { ...like, object, ...stored };
}

/** The merged object that a snapshot is read from. */
export async function mergedOf(from: Backups, entry: Entry): Promise<string> {
  const merged = (await chainOf(from, entry)).find(({ instead }) => instead !== undefined);
  if (merged === undefined) throw new Error('nothing was merged');
  return merged.object;
}

/** The same storage, to an agent with another signing key: one that has lost its vault, or somebody else's. */
export async function withOtherKey(from: Backups): Promise<Backups> {
  const keys = { ...from.keys, signing: newSigningKey() };
  const catalogue = new Catalogue({ storage: from.storage, keys, db: openDatabase(':memory:') });
  await catalogue.rebuild({ signal });
  return { ...from, keys, catalogue };
}
