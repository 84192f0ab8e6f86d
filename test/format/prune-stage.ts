import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { PruneParts } from '@gitprotect/agent/backup/prune/prune-place';
import { mainAt, newKeys, openSample, signal, take, type Sample } from '@gitprotect/agent/catalogue/sample';
import { newSigningKey } from '@gitprotect/agent/catalogue/ssh-signature';
import { newId } from '@gitprotect/agent/lib/id';
import { silentLog } from '@gitprotect/agent/lib/log';
import type { StoredPlan } from '@gitprotect/agent/plans/plan-store';
import { kindOf } from '@gitprotect/agent/storage/layout';
import { openLocalStorage } from '@gitprotect/agent/storage/local';
import { sealed } from '@gitprotect/agent/storage/sealed';
import type { Storage } from '@gitprotect/agent/storage/storage';
import { movingClock, type MovingClock } from '../moving-clock.ts';
import { storageInvariants } from '../storage-invariants.ts';

/* Agents with one vault and a database each, that prune the same storage. */

export const day = 86_400_000;
export const begin = Date.parse('2026-03-01T02:00:00Z');
const keys = await newKeys();
const signingKey = newSigningKey();

/** An agent: a database of its own over a storage that may be others' too. */
export interface Agent extends Sample {
  readonly parts: PruneParts;
  readonly clock: MovingClock;
}

export async function agentOn(storage: Storage, clock = movingClock(begin + 6 * day)): Promise<Agent> {
  const sample = await openSample({ storage, keys, signingKey });
  const { db, catalogue, ledger } = sample;
  const at = new Date(begin).toISOString();
  await db
    .insertInto('servers')
    .values({ id: 's1', url: 'https://b', version: null, ca: null, git_protocol: null, added_at: at })
    .execute();
  await db
    .insertInto('projects')
    .values({ id: 'p1', server_id: 's1', key: 'ORCH', name: null, bitbucket_id: null, added_at: at })
    .execute();
  const plan: StoredPlan = {
    id: 'plan1',
    name: 'Nightly',
    projectIds: ['p1'],
    schedule: null,
    window: null,
    keep: { last: 2 },
    additional: { enabled: false, credentialIds: [] },
    leaveOut: [],
    copyTo: null,
    share: 0.8,
    createdAt: at,
    lastDueAt: null,
  };
  await catalogue.rebuild({ signal });
  const parts: PruneParts = {
    db,
    plans: { list: async () => [plan] },
    clock,
    log: silentLog,
    graceDays: 7,
    place: { storage, keys, sealed: sealed(storage, keys), catalogue, ledger },
  };
  return { ...sample, parts, clock };
}

export const opened = (folder: string): Promise<Storage> => openLocalStorage(folder, { create: false });

/** Two chains, a snapshot a day: 1 and 2; 3, which the later lists of refs are the difference from, and 4 to 6. */
export async function makeHistory(folder: string): Promise<void> {
  const agent = await agentOn(await openLocalStorage(folder, { create: true }));
  for (const [index, digit] of ['1', '2', '3', '4', '5', '6'].entries()) {
    const kind = index === 0 || index === 2 ? 'full' : 'incremental';
    await take(agent, mainAt(digit), { kind, takenAt: new Date(begin + index * day).toISOString() });
  }
  await agent.ledger.append('s1', { id: newId('run'), added: [] }, signal);
}

/** For a file of tests: such a history is made before them, and each call copies it to a folder of its own. */
export function historyCopies(): () => string {
  const root = mkdtempSync(join(tmpdir(), 'gitprotect-history-'));
  const start = join(root, 'start');
  beforeAll(() => makeHistory(start));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return () => {
    const folder = mkdtempSync(join(root, 'copy-'));
    cpSync(start, folder, { recursive: true });
    return folder;
  };
}

/** What is there, and what of it breaks a promise. */
export async function lookAt(folder: string) {
  const { violations, manifests, orphans } = await storageInvariants(folder, keys);
  const agent = await agentOn(await opened(folder));
  /** What the signed lists say must be there, and is not. */
  const missing: string[] = [];
  for (const name of (await agent.ledger.standing('s1', signal)).keys())
    if ((await agent.storage.stat(name)) === undefined) missing.push(name);
  const names = readdirSync(folder, { recursive: true }).map(String);
  const snapshots = manifests.flatMap((name) => {
    const kind = kindOf(name);
    return kind.kind === 'manifest' ? [kind.id] : [];
  });
  const marks = names.filter((name) => kindOf(name).kind === 'mark').length;
  return { violations, missing, snapshots, orphans: orphans.length, marks };
}

/** Repos of four snapshots each, of which the rules keep two; all in one signed list. */
export async function makeRepos(folder: string, repos: number): Promise<void> {
  const agent = await agentOn(await openLocalStorage(folder, { create: true }));
  for (let id = 1; id <= repos; id += 1)
    for (let at = 0; at < 4; at += 1)
      await take(agent, mainAt(String(at)), {
        repo: { id, projectKey: 'ORCH', projectName: 'Orchard', slug: `repo-${id}`, name: `Repo ${id}` },
        kind: 'full',
        takenAt: new Date(begin + at * day).toISOString(),
      });
  await agent.ledger.append('s1', { id: newId('run'), added: [] }, signal);
}
