import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan } from '@gitprotect/shared/plan';
import type { Repo } from '../bitbucket/model.ts';
import { movingClock } from '../moving-clock.ts';
import { noise } from '../noise.ts';
import { commit, reset, tag } from '../repositories/history.ts';
import { allRefs, emptyRepository, fastImport, git } from '../repositories/real-git.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { World } from '../world.ts';

const day = 86_400_000;
const script = join(import.meta.dirname, '../../docs/restore-by-hand.sh');

let world: World;
let plan: Plan;
let parent: Repo;
let apart: Repo;
const forks: Repo[] = [];

async function fork(name: string): Promise<Repo> {
  const made = await world.addFork(name, parent);
  forks.push(made);
  return made;
}

const repoFolders = (): string => {
  const servers = join(world.storageFolder, 'servers');
  return join(servers, readdirSync(servers)[0] ?? '', 'repos');
};

/** Pushes a commit to a branch. */
async function push(repo: Repo, name: string, bytes = 2000): Promise<void> {
  const parents = ['refs/heads/main^0'];
  await fastImport(repo.folder, [commit({ ref: 'refs/heads/main', mark: 1, parents, files: { [`${name}.bin`]: noise(name, bytes) } })]);
}

async function newest({ slug }: Repo) {
  const [found] = await world.call('snapshot.list', { slug, limit: 1 });
  if (found === undefined) throw new Error(`${slug} has no snapshot`);
  return found;
}

/** Names below a repo's folder. */
function namesIn(repo: Repo): string[] {
  const folder = join(repoFolders(), String(repo.id));
  return readdirSync(folder, { recursive: true }).map(String);
}

async function whole(): Promise<void> {
  expect(await storageInvariants(world.storageFolder, await world.keys())).toMatchObject({ violations: [], orphans: [] });
}

const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

/** Every object in a repo, reachable or not. */
const objectsIn = (folder: string): string[] =>
  git(folder, ['cat-file', '--batch-all-objects', '--batch-check=%(objectname)']).split('\n').toSorted();

/** What a clone would bring. */
const reachableIn = (folder: string): string[] =>
  git(folder, ['rev-list', '--objects', '--all'])
    .split('\n')
    .map((line) => line.slice(0, 40))
    .toSorted();

async function restoresAs(repo: Repo, snapshotId?: string): Promise<void> {
  const report = await world.restore(repo.slug, snapshotId);
  expect(report).toMatchObject({ verified: true, differences: [], fsck: [] });
  expect(allRefs(report.folder)).toEqual(allRefs(repo.folder));
  expect(objectsIn(report.folder)).toEqual(reachableIn(repo.folder));
}

beforeAll(async () => {
  world = await World.start({ clock: movingClock(Date.now()) });
  const folder = join(world.root, 'parent.git');
  emptyRepository(folder);
  parent = world.addRepo('parent', folder);
  await fastImport(folder, [
    commit({ ref: 'refs/heads/main', mark: 1, files: { 'one.bin': noise('one', 1_500_000) } }),
    commit({ ref: 'refs/heads/main', mark: 2, parents: [1], files: { 'two.bin': noise('two', 1_000_000) } }),
    commit({ ref: 'refs/heads/private', mark: 3, parents: [2], files: { 'private.txt': 'for nobody but us' } }),
    tag('v1', 1),
  ]);
  const [ahead, same, diverged] = [await fork('ahead'), await fork('same'), await fork('diverged')];
  await fastImport(ahead.folder, [
    commit({ ref: 'refs/heads/main', mark: 9, parents: ['refs/heads/main^0'], files: { 'nine.bin': noise('nine', 20_000) } }),
  ]);
  git(same.folder, ['update-ref', 'refs/tags/v1', 'refs/heads/main^']);
  const first = git(diverged.folder, ['rev-parse', 'refs/heads/main^']);
  await fastImport(diverged.folder, [
    reset('refs/heads/main', first),
    commit({ ref: 'refs/heads/main', mark: 8, parents: [first], files: { 'one.bin': null, 'eight.bin': noise('eight', 20_000) } }),
    commit({ ref: 'refs/heads/alone', mark: 7, files: { 'seven.txt': 'a history of its own' } }),
  ]);
  // Git would show this one in the place of the other.
  git(diverged.folder, ['update-ref', `refs/replace/${first}`, 'refs/heads/alone']);
  // Of a server that does not share objects, or a fork that was filled with something else: nothing is common.
  apart = world.addRepo('apart', join(world.root, 'apart.git'));
  emptyRepository(apart.folder);
  await fastImport(apart.folder, [commit({ ref: 'refs/heads/main', mark: 1, files: { 'apart.txt': 'nothing in common' } })]);
  Object.assign(apart, { origin: parent });
  plan = await world.plan([world.addReader('ada')], { keep: { last: 1 } });
}, 60_000);
afterAll(() => world[Symbol.asyncDispose]());

describe('the forks of a repository', () => {
  test('are stored as what they add to it, in the same run', async () => {
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded', problems: [] });
    const own = sizeOf(join(repoFolders(), String(parent.id)));
    expect(own).toBeGreaterThan(2_500_000);
    expect(sizeOf(repoFolders())).toBeLessThan(own * 1.1);
    const snapshots = await world.call('snapshot.list', {});
    expect(
      snapshots
        .filter(({ leansOn }) => leansOn != null)
        .map(({ slug, kind }) => `${slug} ${kind}`)
        .toSorted(),
    ).toEqual(forks.map(({ slug }) => `${slug} full`).toSorted());
    await whole();
  });

  test('come back with their own refs and objects, and with none that are the other’s alone', async () => {
    const secret = git(parent.folder, ['rev-parse', 'refs/heads/private:private.txt']);
    expect(reachableIn(parent.folder)).toContain(secret);
    for (const repo of [parent, apart, ...forks]) await restoresAs(repo);
  });

  test('come back by hand as well', async () => {
    const identity = join(world.root, 'identity.txt');
    writeFileSync(identity, (await world.keys()).identity.reveal(), { mode: 0o600 });
    const [repo] = forks.slice(-1);
    if (repo === undefined) throw new Error('there is no fork');
    const target = join(world.root, 'by-hand.git');
    const { serverId } = await newest(repo);
    const args = [script, identity, world.storageFolder, `${serverId}/${repo.id}`, target];
    execFileSync('sh', args, { env: { PATH: process.env['PATH'] ?? '' }, stdio: 'pipe' });
    expect(allRefs(target)).toEqual(allRefs(repo.folder));
    expect(objectsIn(target)).toEqual(reachableIn(repo.folder));
  });

  test('go on by themselves, whatever becomes of the other', async () => {
    const [ahead] = forks;
    if (ahead === undefined) throw new Error('there is no fork');
    const first = (await newest(ahead)).leansOn;
    for (const name of ['a', 'b']) {
      await push(parent, `parent-${name}`);
      await push(ahead, `ahead-${name}`);
      expect(await world.run(plan)).toMatchObject({ state: 'succeeded', counts: { saved: 2, unchanged: 3 } });
    }
    expect(await newest(ahead)).toMatchObject({ kind: 'incremental', leansOn: first });
    // A new chain of the other's: none of its own snapshots needs the old one any more.
    const { serverId } = await newest(parent);
    await world.app.db.insertInto('renewals').values({ server_id: serverId, repo_id: parent.id, reason: 'a test' }).execute();
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded', counts: { saved: 1, unchanged: 4 } });
    // It is gone from the server, and no rule keeps what is leaned on; even somebody who prunes all of it leaves that.
    const { repos } = world.bitbucket.state;
    repos.splice(repos.indexOf(parent), 1);
    await world.run(plan);
    for (let weeks = 0; weeks < 2; weeks += 1) {
      await world.call('prune.run', { gone: true });
      world.clock.move(8 * day);
    }
    const stays = (await world.call('snapshot.list', { slug: parent.slug })).map(({ id }) => id);
    expect(stays).toEqual(['00000004', first?.snapshotId]);
    const kept = await world.call('retention.get', { repo: { projectKey: world.project.key, slug: parent.slug } });
    expect(kept.snapshots.find(({ snapshotId }) => snapshotId === first?.snapshotId)?.because.join()).toContain('leans on it');
    await whole();
    await restoresAs(ahead);
    repos.push(parent);
  });

  test('are named with a bundle of the other that is damaged; one run renews them, and what nobody leans on any more goes', async () => {
    const damaged = namesIn(parent).find((name) => name.startsWith('bundles/00000001-')) ?? '';
    const file = join(repoFolders(), String(parent.id), damaged);
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
    writeFileSync(file, bytes);
    const { problems } = await world.call('backup.verify', {});
    const named = problems.filter(({ object }) => object?.endsWith(damaged)).map(({ message }) => message);
    expect(named).toHaveLength(1);
    for (const { slug } of [parent, ...forks]) expect(named[0]).toContain(`PROOF/${slug}`);

    expect(await world.run(plan)).toMatchObject({ state: 'succeeded', counts: { saved: 3, unchanged: 2 } });
    const renewed = (await newest(parent)).id;
    for (const repo of forks)
      expect(await newest(repo)).toMatchObject({ kind: 'full', leansOn: { repoId: parent.id, snapshotId: renewed } });
    await restoresAs(forks[0] ?? parent);
    // The forks' old snapshots are marked and go, then what they leaned on is and does.
    for (let weeks = 0; weeks < 4; weeks += 1) {
      await world.call('prune.run', {});
      world.clock.move(8 * day);
    }
    expect((await world.call('snapshot.list', { slug: parent.slug })).map(({ id }) => id)).toEqual([renewed]);
    const words = namesIn(parent).filter((name) => name.startsWith('leans/'));
    expect(words).toHaveLength(forks.length);
    for (const word of words) expect(word).toContain(`leans/${renewed}-`);
    await whole();
    expect((await world.call('backup.verify', {})).problems).toEqual([]);
  });
});
