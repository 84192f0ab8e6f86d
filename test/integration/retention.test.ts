import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan } from '@gitprotect/shared/plan';
import type { RepoRetention } from '@gitprotect/shared/retention-view';
import { writeFileSync, readdirSync } from 'node:fs';
import { agentProcess } from '../agent-process.ts';
import { storageInvariants } from '../storage-invariants.ts';
import type { Repo } from '../bitbucket/model.ts';
import { commit, reset } from '../repositories/history.ts';
import { emptyRepository, fastImport, git } from '../repositories/real-git.ts';
import { World } from '../world.ts';

const day = 86_400_000;

let world: World;
let plan: Plan;
let core: Repo;
let others: Repo[];
let commits = 0;

const named = (slug: string) => ({ projectKey: 'PROOF', slug });

async function change(repo: Repo, ref = 'refs/heads/main'): Promise<void> {
  commits += 1;
  const parents = git(repo.folder, ['for-each-ref', ref]) === '' ? [] : [`${ref}^0`];
  await fastImport(repo.folder, [commit({ ref, mark: 1, parents, files: { 'a.txt': `${commits}` } })]);
}

const retention = (): Promise<RepoRetention> => world.call('retention.get', { repo: named('core') });
/** The snapshots that go. */
const goes = async (): Promise<string[]> => (await retention()).snapshots.filter(({ keep }) => !keep).map(({ snapshotId }) => snapshotId);

beforeAll(async () => {
  world = await World.start();
  const repos = ['core', 'docs', 'site', 'tool'].map((name) => {
    const folder = join(world.root, `${name}.git`);
    emptyRepository(folder);
    return world.addRepo(name, folder);
  });
  const [first, ...rest] = repos;
  if (first === undefined) throw new Error('there is a repo');
  [core, others] = [first, rest];
  for (const repo of repos) await change(repo);
  plan = await world.plan([world.addReader('ada')], { keep: { last: 2 } });
  for (let run = 0; run < 4; run += 1) {
    await world.run(plan);
    world.clock.move(day);
    await change(core);
  }
});
afterAll(() => world[Symbol.asyncDispose]());

describe('retention', () => {
  test('says of each snapshot why it stays or goes', async () => {
    const { plans, snapshots } = await retention();
    expect(plans).toEqual([{ name: 'All of it', keeps: '2 latest' }]);
    expect(snapshots.map(({ snapshotId, because }) => [Number(snapshotId), because.join(', ')])).toEqual([
      [4, 'last 1, the newest'],
      [3, 'last 2'],
      [2, 'no rule keeps it'],
      [1, 'no rule keeps it'],
    ]);
  });

  test('leaves alone what is on hold, also after the catalogue was made again from storage', async () => {
    await world.call('snapshot.hold', { repo: named('core'), snapshotId: '00000001', reason: 'audit 2026' });
    await world.call('snapshot.hold', { repo: named('core'), snapshotId: '00000002' });
    await expect(world.call('snapshot.hold', { repo: named('core'), snapshotId: '00000002' })).rejects.toMatchObject({
      code: 'already-exists',
    });
    await expect(world.call('snapshot.hold', { repo: named('core'), snapshotId: '00000099' })).rejects.toMatchObject({ code: 'not-found' });
    await world.call('snapshot.release', { repo: named('core'), snapshotId: '00000002' });
    expect(await goes()).toEqual(['00000002']);
    await world.app.db.deleteFrom('holds').execute();
    await world.call('catalogue.rebuild', {});
    expect(await goes()).toEqual(['00000002']);
    expect((await retention()).snapshots.find(({ snapshotId }) => snapshotId === '00000001')).toMatchObject({
      because: ['on hold: audit 2026'],
      hold: { reason: 'audit 2026' },
    });
    expect((await storageInvariants(world.storageFolder, await world.keys())).violations).toEqual([]);
  });

  test('takes a word about a hold that cannot be read for a hold', async () => {
    const [server = ''] = readdirSync(join(world.storageFolder, 'servers'));
    const folder = join(world.storageFolder, 'servers', server, 'repos', String(core.id), 'holds');
    writeFileSync(join(folder, '00000002-3.json.zst.age'), 'rubbish');
    await world.call('catalogue.rebuild', {});
    expect(await goes()).toEqual([]);
    await world.call('snapshot.release', { repo: named('core'), snapshotId: '00000002' });
    expect(await goes()).toEqual(['00000002']);
  });
});

describe('a mass change', () => {
  const branches = Array.from({ length: 9 }, (_, index) => `refs/heads/topic-${index}`);

  test('of refs stops retention of its repo, is told, and waits to be acknowledged, also after a rebuild', async () => {
    await fastImport(
      core.folder,
      branches.map((ref) => reset(ref, 'refs/heads/main^0')),
    );
    await world.run(plan);
    for (const ref of branches) git(core.folder, ['update-ref', '-d', ref]);
    const run = await world.run(plan);
    expect(run.state).toBe('succeeded');
    expect(run.problems).toMatchObject([
      { code: 'mass-change', message: expect.stringContaining('PROOF/core: 9 of 10 refs were deleted') },
    ]);
    const waits = {
      serverId: expect.any(String),
      projectKey: 'PROOF',
      slug: 'core',
      message: '9 of 10 refs were deleted in the snapshot 00000006',
    };
    expect(await world.call('guard.list', {})).toEqual([waits]);
    expect((await world.call('agent.status', {})).needs).toContainEqual(
      expect.objectContaining({ message: `PROOF/core: ${waits.message}`, route: 'snapshots/PROOF%2Fcore' }),
    );
    expect(await goes()).toEqual([]);
    await world.app.db.deleteFrom('snapshots').execute();
    await world.call('catalogue.rebuild', {});
    expect(await goes()).toEqual([]);
    await expect(world.call('guard.acknowledge', named('docs'))).rejects.toMatchObject({ code: 'not-found' });
    await world.call('guard.acknowledge', named('core'));
    expect(await world.call('guard.list', {})).toEqual([]);
    expect(await goes()).toEqual(['00000004', '00000003', '00000002']);
  });

  test('of repos stops retention of the whole project until it is acknowledged', async () => {
    for (const repo of others.slice(1)) world.bitbucket.state.removeRepo(repo);
    const run = await world.run(plan);
    expect(run.problems).toContainEqual(
      expect.objectContaining({ code: 'mass-change', message: expect.stringContaining('2 of 4 repositories are gone') }),
    );
    expect(await goes()).toEqual([]);
    const gone = await world.call('retention.get', { repo: named('tool') });
    expect(gone.snapshots[0]?.because).toContain('its repository is gone from the server, or nobody sees it');
    await world.call('guard.acknowledge', { projectKey: 'PROOF', slug: null });
    expect(await world.call('guard.list', {})).toEqual([]);
    expect(await goes()).toEqual(['00000004', '00000003', '00000002']);
  });
});

describe('pruning', () => {
  test('runs as upkeep: marks, removes after the time of grace, and leaves everything whole', async () => {
    const upkept = async (): Promise<string | undefined> => {
      await world.app.upkeep.run();
      return (await world.app.upkeepResults.list()).find(({ step }) => step === 'prune')?.message;
    };
    expect(await upkept()).toBe('marked 3 snapshots');
    expect((await retention()).snapshots.find(({ snapshotId }) => snapshotId === '00000004')?.goesAt).toEqual(expect.any(String));
    world.clock.move(7 * day);
    expect(await upkept()).toMatch(/^removed 3 snapshots \(/);
    const left = (await world.call('snapshot.list', { projectKey: 'PROOF', slug: 'core' })).map(({ id }) => id).toSorted();
    expect(left).toEqual(['00000001', '00000005', '00000006']);
    expect(await storageInvariants(world.storageFolder, await world.keys())).toMatchObject({ violations: [], orphans: [] });
    expect((await world.call('backup.verify', { drill: true })).problems).toEqual([]);
    expect(await world.restore('core', '00000001')).toMatchObject({ verified: true });
    await change(core);
    expect(await world.run(plan)).toMatchObject({ counts: { saved: 1 } });
    expect(await world.restore('core')).toMatchObject({ verified: true });
  });

  test('by hand shows what goes and why, and asks', async () => {
    await world.stop();
    const agent = agentProcess(world.root);
    const shown = await agent.run(['prune', 'PROOF/core', '--dry-run']);
    expect(shown.stdout).toContain('PROOF/core: 1 snapshot of 4 go');
    expect(shown.stdout).toMatch(/00000005 +goes +no rule keeps it/);
    expect(shown.stdout).toMatch(/00000001 +stays +on hold: audit 2026/);
    expect(shown.stdout).toContain('Nothing was changed.');
    const refused = await agent.run(['prune', 'PROOF/core']);
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('--yes') });
    expect(await agent.json(['prune', 'PROOF/core', '--yes'])).toMatchObject({ marked: { snapshots: 1 }, removed: { snapshots: 0 } });
    expect((await agent.run(['snapshots', 'kept', 'PROOF/core'])).stdout).toMatch(/00000005 +goes 20\d\d-\d\d-\d\d/);
  });
});
