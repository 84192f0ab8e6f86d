import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '@gitprotect/shared/plan';
import type { StorageView } from '@gitprotect/shared/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addCommits } from '../bitbucket/history.ts';
import type { Repo } from '../bitbucket/model.ts';
import { objectsIn } from '../objects-in.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { World } from '../world.ts';

let world: World;
let plan: Plan;
let repo: Repo;
let offsite: StorageView;
let copyFolder: string;
let commits = 0;

const commit = async (): Promise<void> => {
  await addCommits(repo, [{ message: `Change ${(commits += 1)}`, files: { 'file.txt': `${commits}\n` } }]);
};
/** A run, and the copy after it. */
const runAndCopy = async () => {
  expect((await world.run(plan)).state).toBe('succeeded');
  return (await world.call('upkeep.run', {})).find(({ step }) => step === 'copy');
};
const copyState = async () => (await world.call('storage.list', {})).find(({ id }) => id === offsite.id)?.copy;

beforeEach(async () => {
  world = await World.start();
  repo = world.addRepo('orchard');
  await commit();
  copyFolder = join(world.root, 'offsite');
  mkdirSync(copyFolder);
  offsite = await world.call('storage.add-folder', { name: 'offsite', folder: copyFolder });
  plan = await world.plan([world.addReader('ada')], { copyTo: offsite.id });
});
afterEach(() => world[Symbol.asyncDispose]());

test('a copy holds the same sealed objects, is caught up after an outage, and everything restores from it alone', async () => {
  expect(await runAndCopy()).toMatchObject({ state: 'done', message: expect.stringMatching(/“offsite”: \d+ objects .* copied, whole/) });
  expect(objectsIn(copyFolder)).toEqual(objectsIn(world.storageFolder));
  for (const name of objectsIn(copyFolder))
    expect(readFileSync(join(copyFolder, name))).toEqual(readFileSync(join(world.storageFolder, name)));

  // The share goes away: backups go on, and it is said.
  renameSync(copyFolder, `${copyFolder}-away`);
  for (let round = 0; round < 2; round += 1) {
    await commit();
    const ended = await runAndCopy();
    expect(ended).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/copy in “offsite” is \d+ objects behind.*is not there/),
    });
  }
  expect(await copyState()).toMatchObject({ objects: expect.any(Number), behindSince: expect.any(String), problem: expect.any(String) });
  expect((await copyState())?.objects).toBeGreaterThanOrEqual(4);
  const { needs } = await world.call('agent.status', {});
  expect(needs.map(({ message }) => message).join('\n')).toMatch(/Copying the storage: the copy in “offsite”/);
  expect((await world.call('plan.list', {}))[0]?.warnings.join()).toMatch(/its copy is \d+ objects behind since/);

  // It comes back: one look is enough.
  renameSync(`${copyFolder}-away`, copyFolder);
  await world.call('upkeep.run', {});
  expect(await copyState()).toMatchObject({ objects: 0, behindSince: null, problem: null });
  expect(objectsIn(copyFolder)).toEqual(objectsIn(world.storageFolder));
  expect(await storageInvariants(copyFolder, await world.keys())).toMatchObject({ violations: [], orphans: [], unfinished: [] });

  // The first storage is lost.
  renameSync(world.storageFolder, `${world.storageFolder}-lost`);
  const which = { repo: { projectKey: world.project.key, slug: 'orchard' } };
  await expect(world.call('restore.to-folder', { ...which, folder: join(world.root, 'r1') })).rejects.toMatchObject({
    code: 'storage-missing',
  });
  expect(await world.call('restore.to-folder', { ...which, folder: join(world.root, 'r2'), from: offsite.id })).toMatchObject({
    verified: true,
  });
  // And so is the database's list: the copy takes the first one's place.
  await world.app.db.deleteFrom('snapshots').execute();
  expect(await world.call('storage.use', { id: offsite.id })).toEqual({ snapshots: 3, repos: 1, damaged: [] });
  expect(await world.call('restore.to-folder', { ...which, folder: join(world.root, 'r3') })).toMatchObject({ verified: true });
  await commit();
  const { jobs } = await world.run(plan);
  expect(jobs[0]?.outcome).toMatchObject({ state: 'saved', kind: 'incremental' });
});

test('what is damaged or missing is put back from the copy, and a damaged object is never copied', async () => {
  await runAndCopy();
  const bundle = objectsIn(world.storageFolder).find((name) => name.includes('/bundles/')) ?? '';
  const manifest = objectsIn(world.storageFolder).find((name) => name.includes('/snapshots/')) ?? '';
  const good = readFileSync(join(world.storageFolder, bundle));
  appendFileSync(join(world.storageFolder, bundle), 'x');
  rmSync(join(world.storageFolder, manifest));
  expect(await world.call('storage.repair', {})).toMatchObject({ repaired: expect.arrayContaining([bundle, manifest]), lost: [] });
  expect(readFileSync(join(world.storageFolder, bundle))).toEqual(good);
  expect(await world.call('storage.repair', {})).toMatchObject({ repaired: [], lost: [] });

  await commit();
  await world.run(plan);
  const next = objectsIn(world.storageFolder).filter((name) => !existsSync(join(copyFolder, name)));
  const [fresh = ''] = next.filter((name) => name.includes('/bundles/'));
  appendFileSync(join(world.storageFolder, fresh), 'x');
  const copied = (await world.call('upkeep.run', {})).find(({ step }) => step === 'copy');
  expect(copied).toMatchObject({
    state: 'failed',
    message: expect.stringContaining(fresh),
    remedy: expect.stringContaining('storage repair'),
  });
  const there = objectsIn(copyFolder);
  expect(there).not.toContain(fresh);
  expect(there.filter((name) => name.includes('/snapshots/'))).toEqual([manifest]);
  expect(await storageInvariants(copyFolder, await world.keys())).toMatchObject({ violations: [] });
  expect(await world.call('storage.repair', {})).toMatchObject({
    repaired: [],
    lost: [{ name: fresh, why: expect.stringContaining('offsite') }],
  });
});

test('what is pruned goes from the copy too, after its time of grace there; what no list of pruning names stays', async () => {
  const week = 7 * 86_400_000;
  const manifests = (folder: string) => objectsIn(folder).filter((name) => name.includes('/snapshots/'));
  for (let round = 0; round < 3; round += 1) {
    await runAndCopy();
    world.clock.move(86_400_000);
    await commit();
  }
  const stray = objectsIn(copyFolder)
    .findLast((name) => name.includes('/bundles/'))
    ?.replace(/-[a-z0-9]+\./, '-stray.');
  writeFileSync(join(copyFolder, stray ?? ''), 'nobody knows whose');
  await world.call('plan.edit', { id: plan.id, changes: { keep: { last: 1 } } });
  expect(await runAndCopy()).toMatchObject({ state: 'done' });
  world.clock.move(week);
  await world.call('upkeep.run', {});
  expect(manifests(world.storageFolder).length).toBeLessThan(4);
  expect(manifests(copyFolder)).toHaveLength(4);
  world.clock.move(week - 1);
  await world.call('upkeep.run', {});
  expect(manifests(copyFolder)).toHaveLength(4);
  world.clock.move(1);
  const copied = (await world.call('upkeep.run', {})).find(({ step }) => step === 'copy');
  expect(copied).toMatchObject({ state: 'done', message: expect.stringMatching(/whole; \d+ pruned objects? removed$/) });
  const kinds = /\/(?:snapshots|bundles|metadata)\//;
  const left = (folder: string) => objectsIn(folder).filter((name) => kinds.test(name));
  expect(left(copyFolder)).toEqual([...left(world.storageFolder), stray ?? ''].toSorted());
  expect(await storageInvariants(copyFolder, await world.keys())).toMatchObject({ violations: [] });
  const which = { repo: { projectKey: world.project.key, slug: 'orchard' } };
  expect(await world.call('restore.to-folder', { ...which, folder: join(world.root, 'r'), from: offsite.id })).toMatchObject({
    verified: true,
    differences: [],
  });
});

test('other backups are never mixed in, repos of other plans are not copied, and what is used is not removed', async () => {
  const state = world.bitbucket.state.addProject({ key: 'OTHER', name: 'Other' });
  const secret = world.bitbucket.state.addRepo({ project: state, name: 'elsewhere' });
  await addCommits(secret, [{ message: 'Begin', files: { a: 'a\n' } }]);
  const user = world.bitbucket.state.addUser({ name: 'otto' });
  world.bitbucket.state.grant(user, 'PROJECT_READ', state);
  const token = world.bitbucket.state.addToken({ user, name: 'other', permissions: ['PROJECT_READ', 'REPO_READ'] });
  const [server] = await world.call('server.list', {});
  const serverId = server?.id ?? '';
  const project = await world.call('project.add', { serverId, key: 'OTHER' });
  await world.call('credential.add', { serverId, token: token.secret, projectIds: [project.id] });
  const { leaveOut, keep, schedule } = plan;
  const additional = { enabled: false, credentialIds: [] };
  const other = await world.call('plan.add', { name: 'Other', projectIds: [project.id], leaveOut, keep, schedule, additional });
  await world.run(other);
  await runAndCopy();
  const reposIn = (folder: string) => new Set(objectsIn(folder).flatMap((name) => /repos\/\d+/.exec(name)?.[0] ?? []));
  expect([...reposIn(world.storageFolder)]).toHaveLength(2);
  expect([...reposIn(copyFolder)]).toEqual([`repos/${repo.id}`]);

  await expect(world.call('storage.remove', { id: offsite.id })).rejects.toMatchObject({
    code: 'not-allowed',
    message: expect.stringContaining('All of it'),
  });
  rmSync(join(copyFolder, 'gitprotect.json'));
  const copied = (await world.call('upkeep.run', {})).find(({ step }) => step === 'copy');
  expect(copied).toMatchObject({ state: 'failed', message: expect.stringContaining('holds other backups') });

  // Into an empty storage: all begins anew, and the old one is there to go back to.
  const second = join(world.root, 'second');
  mkdirSync(second);
  const { id } = await world.call('storage.add-folder', { name: 'second', folder: second });
  await expect(world.call('storage.add-folder', { name: 'Second', folder: second })).rejects.toMatchObject({ code: 'already-exists' });
  expect(await world.call('storage.use', { id })).toEqual({ snapshots: 0, repos: 0, damaged: [] });
  expect((await world.run(plan)).jobs[0]?.outcome).toMatchObject({ state: 'saved', kind: 'full' });
  await expect(world.call('storage.remove', { id })).rejects.toMatchObject({ code: 'not-allowed' });
  expect(await world.call('storage.use', { id: 'default' })).toEqual({ snapshots: 2, repos: 2, damaged: [] });
  await world.call('storage.remove', { id });
  expect((await world.call('storage.list', {})).map(({ name }) => name)).toEqual(['default', 'offsite']);
});
