import type { Job, Run } from '@gitprotect/shared/run';
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { openDatabase, type Database } from '../db/database.ts';
import { waiting } from './waiting-job.ts';
import { runStore, type RunStore } from './run-store.ts';

const run: Run = {
  id: 'run1',
  planId: 'plan1',
  planName: 'Nightly',
  trigger: 'manual',
  state: 'running',
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: null,
  repos: 0,
  counts: { saved: 0, unchanged: 0, skipped: 0, throttled: 0, failed: 0 },
  bytes: 0,
  requests: 0,
  credentials: [],
  problems: [],
};
const ended: Run = { ...run, state: 'succeeded', endedAt: '2026-01-01T00:01:00.000Z' };
const job = (id: number): Job =>
  waiting({
    server: { id: 'srv', url: 'https://bitbucket.example.com' },
    repo: { id, slug: `repo-${id}`, name: `repo-${id}`, projectKey: 'CORE', archived: false, forkOf: null },
  });
const throttle = { credentialId: 'c1', ownerSlug: 'ann', from: run.startedAt, until: ended.startedAt };

describe('the records of runs', () => {
  let db: Database;
  let store: RunStore;
  let now = Date.parse(run.startedAt);
  /** Whoever sleeps until it is. */
  let awake = Promise.withResolvers<void>();
  beforeEach(() => {
    awake = Promise.withResolvers();
    db = openDatabase(':memory:');
    store = runStore(db, {
      now: () => now,
      sleep: async (_, signal) => {
        await Promise.race([awake.promise, new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))]);
        signal?.throwIfAborted();
      },
    });
  });
  /** What a process that is killed now leaves. */
  const written = async () => ({
    runs: (await db.selectFrom('runs').selectAll().execute()).map(({ state }) => state),
    jobs: (await db.selectFrom('jobs').selectAll().execute()).length,
  });

  test('are on disk when a run begins and when it has ended, and in between by the hundred, once a second', async () => {
    const saveJobs = async (from: number, to: number) => {
      for (let id = from; id <= to; id += 1) await store.saveJob(run.id, id, job(id));
    };
    await store.save(run);
    expect(await written()).toEqual({ runs: ['running'], jobs: 0 });
    await saveJobs(1, 120);
    expect(await written()).toEqual({ runs: ['running'], jobs: 0 });
    now += 1000;
    await saveJobs(121, 121);
    expect((await written()).jobs).toBe(121);
    now += 1000;
    await saveJobs(122, 220);
    expect((await written()).jobs).toBe(121);
    await saveJobs(221, 240);
    expect((await written()).jobs).toBe(221);
    now -= 3_600_000;
    await saveJobs(241, 330);
    expect((await written()).jobs).toBe(321);
    await store.save(ended);
    expect(await written()).toEqual({ runs: ['succeeded'], jobs: 330 });
  });

  test('are on disk a second after a burst that nothing comes after', async () => {
    await store.save(run);
    for (let id = 1; id <= 100; id += 1) await store.saveJob(run.id, id, job(id));
    expect((await written()).jobs).toBe(0);
    awake.resolve();
    await expect.poll(async () => (await written()).jobs).toBe(100);
  });

  test('are whole for whoever reads them, whatever is on disk yet', async () => {
    await store.save(run);
    await store.saveJob(run.id, 0, job(7));
    await store.saveJob(run.id, 0, { ...job(7), phase: 'running' });
    await store.addThrottle(run.id, throttle);
    expect(await store.detail(run.id)).toMatchObject({ jobs: [{ repoId: 7, phase: 'running' }], throttles: [throttle] });
    await store.save({ ...run, repos: 1 });
    expect(await store.list({})).toMatchObject([{ repos: 1 }]);
  });

  test('go on waiting where they could not be written, and the newer of two stands', async () => {
    await store.save(run);
    await sql`alter table jobs rename to elsewhere`.execute(db);
    await store.saveJob(run.id, 0, job(7));
    await expect(store.detail(run.id)).rejects.toThrow(/no such table/);
    await store.saveJob(run.id, 0, { ...job(7), phase: 'done' });
    await sql`alter table elsewhere rename to jobs`.execute(db);
    expect((await store.detail(run.id)).jobs).toMatchObject([{ phase: 'done' }]);
  });

  test('are written when the store is closed', async () => {
    await store.save(run);
    await store.saveJob(run.id, 0, job(7));
    await store[Symbol.asyncDispose]();
    expect((await written()).jobs).toBe(1);
  });
});
