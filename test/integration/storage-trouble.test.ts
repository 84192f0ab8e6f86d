import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Plan } from '@gitprotect/shared/plan';
import { agentProcess } from '../agent-process.ts';
import type { Repo } from '../bitbucket/model.ts';
import { movingClock } from '../moving-clock.ts';
import { noise } from '../noise.ts';
import { commit } from '../repositories/history.ts';
import { allRefs, emptyRepository, fastImport } from '../repositories/real-git.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { openAgent, runToEnd } from '../agent-parts.ts';
import { World } from '../world.ts';

let world: World;
let plan: Plan;
let repo: Repo;
let changes = 0;

async function change(bytes: number, first = false): Promise<void> {
  const parents = first ? [] : ['refs/heads/main^0'];
  changes += 1;
  const files = { [`${changes}.bin`]: noise(String(changes), bytes) };
  await fastImport(repo.folder, [commit({ ref: 'refs/heads/main', mark: 1, parents, files })]);
}

beforeEach(async () => {
  world = await World.start({ clock: movingClock(Date.now()) });
  const folder = join(world.root, 'source.git');
  emptyRepository(folder);
  repo = world.addRepo('one', folder);
  await change(1000, true);
  plan = await world.plan([world.addReader('ada')]);
});
afterEach(() => world[Symbol.asyncDispose]());

/** The storage as it should be, and the repo restored from it as it is now. */
async function provesWhole(): Promise<void> {
  expect(await storageInvariants(world.storageFolder, await world.keys())).toMatchObject({ violations: [], unfinished: [] });
  const report = await world.restore(repo.slug);
  expect(report).toMatchObject({ verified: true, differences: [] });
  expect(allRefs(report.folder)).toEqual(allRefs(repo.folder));
}

const runByHand = () => agentProcess(world.root).run(['run', 'All of it', '--wait']);

describe.skipIf(process.getuid?.() !== 0)('a disk of its own', () => {
  const mount = (...options: string[]): void =>
    void execFileSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', world.storageFolder]);
  beforeEach(() => {
    mkdirSync(world.storageFolder, { recursive: true });
    mount('size=2m', 'mode=700');
  });
  afterEach(() => void execFileSync('umount', ['--lazy', world.storageFolder]));

  test('that fills up in the middle of a run stops it in words, and keeps what was there; with room again the next run is whole', async () => {
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded' });
    const before = allRefs(repo.folder);
    await change(4_000_000);
    const run = await world.run(plan);
    expect(run).toMatchObject({
      state: 'failed',
      problems: [
        { code: 'storage-full', message: expect.stringContaining(world.storageFolder), remedy: expect.stringContaining('free space') },
      ],
    });
    expect(run.jobs[0]?.outcome).toMatchObject({
      state: 'failed',
      error: { code: 'storage-full', message: expect.stringMatching(/^PROOF\/one: /) },
    });
    const keys = await world.keys();
    expect(await storageInvariants(world.storageFolder, keys)).toMatchObject({ violations: [], unfinished: [], orphans: [] });
    expect(allRefs((await world.restore(repo.slug)).folder)).toEqual(before);
    execFileSync('mount', ['-o', 'remount,size=64m', world.storageFolder]);
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded', counts: { saved: 1 } });
    await provesWhole();
  });

  test('that is read-only stops the run in words, and lets restores go on', async () => {
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded' });
    const before = allRefs(repo.folder);
    await change(1000);
    execFileSync('mount', ['-o', 'remount,ro', world.storageFolder]);
    const run = await world.run(plan);
    expect(run).toMatchObject({
      state: 'failed',
      problems: [{ code: 'storage-read-only', message: expect.stringContaining(world.storageFolder) }],
    });
    expect(allRefs((await world.restore(repo.slug)).folder)).toEqual(before);
    execFileSync('mount', ['-o', 'remount,rw', world.storageFolder]);
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded', counts: { saved: 1 } });
    await provesWhole();
  });
});

describe('a storage that is not there', () => {
  test('fails the command with exit code 10 and what to do, and is not made anew; when it is back, all is as before', async () => {
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded' });
    await change(1000);
    const away = `${world.storageFolder}.away`;
    renameSync(world.storageFolder, away);
    await world.stop();
    const missing = await runByHand();
    expect(missing).toMatchObject({ exitCode: 10, stdout: expect.stringContaining(world.storageFolder) });
    expect(missing.stdout).toContain('mount the disk');
    expect(await agentProcess(world.root).run(['restore', 'PROOF/one', '--to-folder', join(world.root, 'nowhere')])).toMatchObject({
      exitCode: 10,
    });
    // The empty folder where a disk would be mounted is no storage either.
    mkdirSync(world.storageFolder);
    expect(await runByHand()).toMatchObject({ exitCode: 10, stdout: expect.stringContaining('gitprotect.json') });
    rmSync(world.storageFolder, { recursive: true });
    renameSync(away, world.storageFolder);
    expect(await runByHand()).toMatchObject({ exitCode: 0 });
    await world.restart();
    await provesWhole();
  });

  test('from the middle of a run on stops it there, with nothing half, and exit code 10', async () => {
    await change(3_000_000);
    const away = `${world.storageFolder}.away`;
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded' });
    await change(3_000_000);
    world.bitbucket.faults.add({ kind: 'after-listing', run: () => renameSync(world.storageFolder, away) }, { git: 'ls-refs', times: 1 });
    await world.stop();
    expect(await runByHand()).toMatchObject({ exitCode: 10, stdout: expect.stringContaining('is not there') });
    renameSync(away, world.storageFolder);
    await world.restart();
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded', counts: { saved: 1 } });
    await provesWhole();
  });

  test('but another in its place is refused', async () => {
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded' });
    await change(1000);
    const other = await World.start();
    try {
      other.addRepo('other');
      expect(await other.run(await other.plan([other.addReader('ben')]))).toMatchObject({ state: 'succeeded' });
      renameSync(world.storageFolder, `${world.storageFolder}.away`);
      cpSync(other.storageFolder, world.storageFolder, { recursive: true });
    } finally {
      await other[Symbol.asyncDispose]();
    }
    expect(await world.run(plan)).toMatchObject({ state: 'failed', problems: [{ code: 'storage-foreign' }] });
  });
});

describe('two agents with one storage and one set of keys', () => {
  test('commit each snapshot once, and both restore all of them', async () => {
    await world.run(plan);
    await world.stop();
    const twin = `${world.root}.twin`;
    cpSync(world.root, twin, { recursive: true });
    execFileSync('chmod', ['700', twin]);
    const { storageFolder } = world;
    try {
      await world.restart();
      await using second = await openAgent(twin, { clock: world.clock, config: { storageFolder } });
      for (let round = 1; round <= 4; round += 1) {
        await change(20_000);
        const [mine, theirs] = await Promise.all([runToEnd(world.app, plan.id), runToEnd(second, plan.id)]);
        const ends = await Promise.all([world.app.runs.detail(mine), second.runs.detail(theirs)]);
        expect(ends.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
        await provesWhole();
      }
      expect((await world.call('snapshot.list', {})).length).toBeGreaterThanOrEqual(5);
      await second[Symbol.asyncDispose]();
      await world.stop();
      await change(20_000);
      const ended = await Promise.all([
        runByHand(),
        agentProcess(twin, { GITPROTECT_STORAGE: storageFolder }).run(['run', 'All of it', '--wait']),
      ]);
      expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
      await world.restart();
      await provesWhole();
    } finally {
      rmSync(twin, { recursive: true });
      rmSync(`${twin}.user`, { recursive: true, force: true });
    }
  });

  test('as two plans of one agent with the same repo: both succeed, and what they leave is whole', async () => {
    const { name, projectIds, schedule, keep, additional } = plan;
    const other = await world.call('plan.add', { name: `${name} twice`, projectIds, schedule, keep, additional });
    for (let round = 1; round <= 3; round += 1) {
      await change(20_000);
      const ids = await Promise.all([plan, other].map(({ id }) => runToEnd(world.app, id)));
      for (const id of ids) expect(await world.app.runs.detail(id)).toMatchObject({ state: 'succeeded' });
      await provesWhole();
    }
  });
});
