import { startDue } from '@gitprotect/agent/backup/scheduler';
import { leftBy } from '@gitprotect/agent/backup/go-on';
import { silentLog } from '@gitprotect/agent/lib/log';
import type { Plan } from '@gitprotect/shared/plan';
import type { Run, RunDetail } from '@gitprotect/shared/run';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addCommits } from '../bitbucket/history.ts';
import type { Repo } from '../bitbucket/model.ts';
import { movingClock } from '../moving-clock.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { World } from '../world.ts';

/** Five repos, fetched one at a time, in the hours from 22:00 to 06:00. Time passes when a wait or a test moves the clock. */
let world: World;
let plan: Plan;
let repos: Repo[];
const names = ['a', 'b', 'c', 'd', 'e'];

beforeAll(async () => {
  world = await World.start({
    clock: movingClock(Date.parse('2026-03-02T05:30:00Z')),
    config: { politeness: { fetches: 1, requests: 4 } },
  });
  repos = names.map((name) => world.addRepo(name));
  for (const repo of repos) await addCommits(repo, [{ files: { 'a.txt': `${repo.slug}\n` } }]);
  const settings = {
    schedule: { cron: '0 22 * * 1', timeZone: 'UTC' },
    window: { from: '22:00', to: '06:00', timeZone: 'UTC' },
  };
  plan = await world.plan([world.addReader('ada')], settings);
});
afterAll(() => world[Symbol.asyncDispose]());

/** What the scheduler does each minute. */
const tick = async (): Promise<void> => {
  const { plans, runner, runs } = world.app;
  await startDue({
    plans,
    start: (id, trigger) => runner.start(id, trigger),
    paused: async (id) => (await leftBy(runs, id)) !== null,
    clock: world.clock,
    log: silentLog,
  });
};
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const idle = async (): Promise<void> => until(() => world.app.runner.running().size === 0);
const latest = async (): Promise<RunDetail> => {
  const [run] = await world.call('run.list', { limit: 1 });
  return world.call('run.get', { id: run?.id ?? '' });
};
const phases = ({ jobs }: RunDetail) => Object.fromEntries(jobs.map(({ slug, phase, outcome }) => [slug, outcome?.state ?? phase]));
/** The next repo is begun while one is written down. */
const saved = async (slug: string): Promise<void> => {
  while (phases(await latest())[slug] !== 'saved') await new Promise((resolve) => setTimeout(resolve, 5));
};
const fetched = (slug: string) => world.bitbucket.requests.filter((one) => one.git === 'fetch' && one.path.includes(`/${slug}.git`)).length;
const moveTo = (time: string) => world.clock.move(Date.parse(time) - world.clock.now());
let first: Run;

describe('a run whose window ends', () => {
  test('brings what is on its way to its end and leaves the rest waiting: paused, nothing failed', async () => {
    world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 31 * 60 }, { repo: 'PROOF/b', git: 'ls-refs', times: 1 });
    first = await world.call('run.start', { planId: plan.id });
    expect(first.closesAt).toBe('2026-03-02T06:00:00.000Z');
    await idle();
    const run = await latest();
    expect(run).toMatchObject({ state: 'paused', counts: { saved: 2, failed: 0, skipped: 0 }, problems: [] });
    expect(phases(run)).toEqual({ a: 'saved', b: 'saved', c: 'waiting', d: 'waiting', e: 'waiting' });
    const [shown] = await world.call('plan.list', {});
    expect(shown).toMatchObject({ lastRun: { state: 'paused' }, nextDue: '2026-03-02T22:00:00.000Z' });
  });

  test('is not begun by day, neither by the schedule nor by hand without being told so', async () => {
    world.bitbucket.requests.length = 0;
    await tick();
    expect(world.app.runner.running().size).toBe(0);
    await expect(world.call('run.start', { planId: plan.id })).rejects.toMatchObject({
      code: 'outside-window',
      remedy: expect.stringContaining('--ignore-window'),
    });
    expect(world.bitbucket.requests).toEqual([]);
  });

  test('goes on in a new process when it opens; what does not end then is stopped, with nothing half done', async () => {
    await world.restart();
    moveTo('2026-03-02T22:00:30Z');
    // It is Monday: the plan is due as a whole, and begins with what waits.
    const stalled = world.bitbucket.faults.add({ kind: 'stall', at: 0 }, { repo: 'PROOF/d', git: 'fetch' });
    await tick();
    await until(() => stalled.hits > 0);
    await saved('c');
    moveTo('2026-03-03T06:09:00Z');
    world.app.runner.closeWindows();
    expect(world.app.runner.running().size).toBe(1);
    moveTo('2026-03-03T06:10:00Z');
    world.app.runner.closeWindows();
    await idle();
    const run = await latest();
    expect(run).toMatchObject({ state: 'paused', trigger: 'schedule', continues: first.id, counts: { saved: 1, failed: 0 } });
    expect(run.jobs.map(({ slug }) => slug)).toEqual(['c', 'd', 'e', 'a', 'b']);
    expect(phases(run)).toEqual({ c: 'saved', d: 'waiting', e: 'waiting', a: 'waiting', b: 'waiting' });
    expect(await storageInvariants(world.storageFolder, await world.keys())).toMatchObject({ violations: [], unfinished: [] });
    world.bitbucket.faults.clear();
  });

  test('goes on where it was on the next night, and does nothing twice', async () => {
    const paused = await latest();
    moveTo('2026-03-03T22:00:00Z');
    world.bitbucket.requests.length = 0;
    await tick();
    await idle();
    const run = await latest();
    expect(run).toMatchObject({
      state: 'succeeded',
      trigger: 'resume',
      continues: paused.id,
      repos: 5,
      counts: { saved: 2, unchanged: 3 },
    });
    expect(run.jobs.find(({ slug }) => slug === 'c')).toMatchObject({ outcome: { state: 'unchanged' }, doneIn: paused.id, requests: 0 });
    expect({ c: fetched('c'), d: fetched('d'), e: fetched('e') }).toEqual({ c: 0, d: 1, e: 1 });
    for (const slug of ['b', 'd']) expect(await world.restore(slug)).toMatchObject({ verified: true, differences: [] });
    await tick();
    expect(world.app.runner.running().size).toBe(0);
  });

  test('goes on as soon as the agent is back in it, whether it was stopped or killed', async () => {
    for (const repo of repos) await addCommits(repo, [{ files: { 'b.txt': `${repo.slug}\n` } }]);
    const stalled = world.bitbucket.faults.add({ kind: 'stall', at: 0 }, { repo: 'PROOF/c', git: 'fetch' });
    const { id } = await world.call('run.start', { planId: plan.id });
    await until(() => stalled.hits > 0);
    await saved('b');
    const { jobs, throttles: _, ...run } = await world.app.runs.detail(id);
    await world.restart();
    const left = { a: 'saved', b: 'saved', c: 'waiting', d: 'waiting', e: 'waiting' };
    const stopped = await latest();
    expect([stopped.state, phases(stopped)]).toEqual(['paused', left]);
    // As a process that is killed leaves it.
    await world.app.runs.save(run);
    for (const [position, job] of jobs.entries()) await world.app.runs.saveJob(id, position, job);
    await world.restart();
    world.bitbucket.faults.clear();
    const killed = await latest();
    expect([killed.state, phases(killed)]).toEqual(['paused', left]);
    await tick();
    await idle();
    expect(await latest()).toMatchObject({ state: 'succeeded', trigger: 'resume', continues: id, counts: { saved: 3, unchanged: 2 } });
  });

  test('told to ignore it runs by day, and to its end', async () => {
    moveTo('2026-03-04T08:00:00Z');
    const { closesAt } = await world.call('run.start', { planId: plan.id, ignoreWindow: true });
    await idle();
    expect(closesAt).toBeUndefined();
    expect(await latest()).toMatchObject({ state: 'succeeded', counts: { unchanged: 5 } });
  });
});
