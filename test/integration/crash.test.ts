import { cpSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Plan } from '@gitprotect/shared/plan';
import { agentProcess } from '../agent-process.ts';
import type { Running } from '../command-line.ts';
import type { Repo } from '../bitbucket/model.ts';
import { movingClock } from '../moving-clock.ts';
import { noise } from '../noise.ts';
import { commit } from '../repositories/history.ts';
import { allRefs, emptyRepository, fastImport } from '../repositories/real-git.ts';
import { runChild } from '../crash/run-child.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { World } from '../world.ts';

/** Every step and moment is tried with `SOAK=1`; else some. */
const whole = process.env['SOAK'] === '1';

let world: World;
let plan: Plan;
let repo: Repo;
let interrupted = 0;
let changes = 0;

async function change(bytes: number, first = false): Promise<void> {
  const parents = first ? [] : ['refs/heads/main^0'];
  changes += 1;
  const files = { [`${changes}.bin`]: noise(String(changes), bytes) };
  await fastImport(repo.folder, [commit({ ref: 'refs/heads/main', mark: 1, parents, files })]);
}

beforeEach(async () => {
  interrupted = 0;
  world = await World.start({ clock: movingClock(Date.now()) });
  const folder = join(world.root, 'source.git');
  emptyRepository(folder);
  repo = world.addRepo('killed', folder);
  await change(1000, true);
  plan = await world.plan([world.addReader('ada')]);
  const { state } = await world.run(plan);
  if (state !== 'succeeded') throw new Error(`the first run is ${state}`);
});
afterEach(() => world[Symbol.asyncDispose]());

/** After a kill: every promise holds at once, the run is shown for what it is, and the next one ends as if nothing had been. */
async function provesHarmless(): Promise<void> {
  await world.restart();
  const keys = await world.keys();
  const { violations, manifests } = await storageInvariants(world.storageFolder, keys);
  expect(violations).toEqual([]);
  const runs = await world.call('run.list', { limit: 1000 });
  expect(runs.filter(({ state }) => state === 'running')).toEqual([]);
  expect(runs.filter(({ state }) => state === 'interrupted').length - interrupted).toBeLessThanOrEqual(1);
  for (const { id } of runs.filter(({ state }) => state === 'interrupted')) {
    const { jobs } = await world.call('run.get', { id });
    expect(jobs.filter(({ phase }) => phase !== 'done')).toEqual([]);
  }
  interrupted = runs.filter(({ state }) => state === 'interrupted').length;

  const run = await world.run(plan);
  expect(run).toMatchObject({ state: 'succeeded', problems: [] });
  const after = await storageInvariants(world.storageFolder, keys);
  expect(after).toMatchObject({ violations: [], unfinished: [] });
  // What was there is there still, and at most one snapshot came to it.
  expect(after.manifests.slice(0, manifests.length)).toEqual(manifests);
  expect(after.manifests.length - manifests.length).toBe(run.counts.saved);
  const listed = await world.call('snapshot.list', { limit: 1000 });
  expect(listed).toHaveLength(after.manifests.length);
  const report = await world.restore(repo.slug);
  expect(report).toMatchObject({ verified: true, differences: [] });
  expect(allRefs(report.folder)).toEqual(allRefs(repo.folder));
}

describe('an agent that is killed', () => {
  /** Runs the plan in a process that dies at a step. Resolves with the run's state when it came to its end, with null when it was killed. */
  const runAndDieAt = (step: number): Promise<string | null> => runChild('child', [world.root, plan.id, step, world.clock.now()]);

  test('at steps of a run in turn: before and after each write, between its pieces, before the database hears of it', async () => {
    // Every run begins from the same state, else its steps are not the same.
    await change(100_000);
    await world.stop();
    const start = `${world.root}.start`;
    cpSync(world.root, start, { recursive: true });
    const keptBy = new Set<number>();
    // A small object is put in three steps: with a multiple of that, each of those would be hit in the same one.
    const stride = whole ? 1 : 4;
    let step = 1 - stride;
    let end: string | null = null;
    while (end === null) {
      step += stride;
      await world.stop();
      for (const name of readdirSync(world.root)) rmSync(join(world.root, name), { recursive: true });
      cpSync(start, world.root, { recursive: true });
      interrupted = 0;
      end = await runAndDieAt(step);
      await world.restart();
      const { manifests } = await storageInvariants(world.storageFolder, await world.keys());
      keptBy.add(manifests.length - 1);
      await provesHarmless();
      // With two snapshots all was done, and perhaps the run's own record too.
      expect(manifests.length === 1 ? interrupted : 1).toBe(1);
    }
    expect(end).toBe('succeeded');
    expect(step).toBeGreaterThan(15);
    rmSync(start, { recursive: true });
    // Both ends were seen: nothing of the run was kept, and all of it was.
    expect(keptBy).toEqual(new Set([0, 1]));
  }, 300_000);

  test('as a command, somewhere in the middle of what it writes or asks', async () => {
    const size = 3_000_000;
    const written = (): number => {
      try {
        const folder = join(world.storageFolder, '.writing');
        return Math.max(0, ...readdirSync(folder).map((name) => statSync(join(folder, name)).size));
      } catch {
        return 0;
      }
    };
    /** Bytes written, or requests made, at which the command is killed: from the very first to about the last. */
    const moments: readonly (() => boolean)[] = [
      ...(whole ? [1, 0.13, 0.4, 0.71, 0.95] : [1, 0.4, 0.95]).map((share) => () => written() >= (share === 1 ? 1 : share * size)),
      ...(whole ? [1, 2, 3, 4] : [2, 4]).map((count) => () => world.bitbucket.requests.length >= count),
    ];
    let killed = 0;
    for (const moment of moments) {
      await change(size);
      await world.stop();
      world.bitbucket.requests.length = 0;
      const running: Running = agentProcess(world.root).start(['run', 'All of it', '--wait']);
      const state = { over: false };
      const ended = running.ended.finally(() => (state.over = true));
      while (!state.over && !moment()) await new Promise((resolve) => setTimeout(resolve, 1));
      running.child.kill('SIGKILL');
      if ((await ended).exitCode === null) killed += 1;
      await provesHarmless();
    }
    expect(killed).toBeGreaterThanOrEqual(moments.length - 2);
    expect(interrupted).toBeGreaterThanOrEqual(killed - 1);
  });
});
