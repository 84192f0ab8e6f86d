import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { altered } from '@gitprotect/agent/storage/altered';
import type { Plan } from '@gitprotect/shared/plan';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addCommits, type NewCommit } from '../bitbucket/history.ts';
import { addLfsObject } from '../bitbucket/lfs.ts';
import { alter, cutDownload, lose, ObjectStore, throttleBatch, throttleDownload, vanish } from '../bitbucket/lfs-faults.ts';
import type { Repo, Token } from '../bitbucket/model.ts';
import { shareObjects, syncMain } from '../bitbucket/shared-objects.ts';
import { World } from '../world.ts';
import { largeFilesOf, oidOf, pointerTo, storedLargeFiles } from './large-files.ts';

let world: World;
let repo: Repo;
let reader: Token;

beforeEach(async () => {
  world = await World.start();
  repo = world.addRepo('media');
  await addCommits(repo, [{ message: 'Begin', files: { 'README.md': '# media\n' } }]);
  reader = world.addReader('ann');
});

afterEach(() => world[Symbol.asyncDispose]());

/** Commits a large file that the server has; its oid. */
async function addLarge(path: string, content: string, { to = repo, ...commit }: { to?: Repo } & Partial<NewCommit> = {}): Promise<string> {
  await addCommits(to, [{ ...commit, files: { [path]: pointerTo(content) } }]);
  return addLfsObject(to, Buffer.from(content));
}

const largeFiles = async (): Promise<Plan> => world.plan([reader], { leaveOut: [] });
const outcomeOf = async (plan: Plan) => (await world.run(plan)).jobs[0]?.outcome;

/** Oids that were downloaded since the last run began, in order. */
const downloads = (): string[] =>
  world.bitbucket.requests
    .filter(({ method, path }) => method === 'GET' && path.includes('/git-lfs/storage/'))
    .map(({ path }) => path.split('/').at(-1) ?? '');
const batches = () => world.bitbucket.requests.filter(({ path }) => path.endsWith('/info/lfs/objects/batch'));

const stored = () => storedLargeFiles(world);
const newest = (slug = 'media') => largeFilesOf(world, slug);

describe('large files', () => {
  test('are asked for once: not by the next run, nor by one that finds a new one', async () => {
    const first = await addLarge('a.bin', 'first');
    const plan = await largeFiles();
    expect(await outcomeOf(plan)).toMatchObject({ state: 'saved', lfsObjects: 1, warnings: [] });
    expect(downloads()).toEqual([first]);
    expect(await outcomeOf(plan)).toMatchObject({ state: 'unchanged' });
    expect([downloads(), batches()]).toEqual([[], []]);
    const second = await addLarge('b.bin', 'second');
    expect(await outcomeOf(plan)).toMatchObject({ state: 'saved', kind: 'incremental', lfsObjects: 1 });
    expect(downloads()).toEqual([second]);
    expect(await newest()).toEqual({ lfs: { objects: 2, bytes: 11, missing: [] }, needed: [first, second].toSorted() });
  });

  test('are stored once for all repos of a server', async () => {
    const copy = world.addRepo('copy');
    const oid = await addLarge('a.bin', 'the same');
    await addLarge('elsewhere/b.bin', 'the same', { to: copy });
    const plan = await largeFiles();
    expect((await world.run(plan)).jobs.map(({ outcome }) => outcome?.state)).toEqual(['saved', 'saved']);
    expect(await stored()).toEqual([oid]);
    expect([(await newest()).needed, (await newest('copy')).needed]).toEqual([[oid], [oid]]);
    const third = world.addRepo('third');
    await addLarge('c.bin', 'the same', { to: third });
    await world.run(plan);
    expect(downloads()).toEqual([]);
    expect((await newest('third')).needed).toEqual([oid]);
  });

  test('of the repository that a fork leans on are not the fork’s, unless its own history names them', async () => {
    const common = await addLarge('a.bin', 'common');
    await addCommits(repo, [{ files: { 'noise.bin': randomBytes(1_100_000) } }]);
    const fork = await world.addFork('fork', repo);
    const others = await addLarge('b.bin', 'for nobody but us', { branch: 'private', from: 'refs/heads/main' });
    const own = await addLarge('c.bin', 'the fork’s own', { to: fork });
    const plan = await largeFiles();
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded' });
    const [snapshot] = await world.call('snapshot.list', { slug: 'fork' });
    expect(snapshot).toMatchObject({ leansOn: { repoId: repo.id }, warnings: [] });
    expect((await newest()).needed).toEqual([common, others].toSorted());
    expect(await newest('fork')).toMatchObject({ lfs: { objects: 2, missing: [] }, needed: [common, own].toSorted() });
  });

  test('that a fork took over from the repository it comes to lean on are the fork’s as well', async () => {
    const fork = world.bitbucket.state.addRepo({ project: world.project, name: 'fork', origin: repo });
    shareObjects(fork, repo);
    const common = await addLarge('a.bin', 'common');
    await syncMain(fork, repo);
    const own = await addLarge('c.bin', 'the fork’s own', { to: fork });
    await addCommits(fork, [{ files: { 'noise.bin': randomBytes(1_500_000) } }]);
    const plan = await largeFiles();
    await world.run(plan);
    // Too little to lean on, and a chain of its own, which is then mostly waste.
    expect(await world.call('snapshot.list', { slug: 'fork' })).toMatchObject([{ kind: 'full', leansOn: null }]);
    await syncMain(fork, repo);
    await world.run(plan);
    await world.call('backup.verify', { drill: true });
    await addCommits(repo, [{ files: { 'noise.bin': randomBytes(1_100_000) } }]);
    const taken = await addLarge('b.bin', 'taken over');
    await syncMain(fork, repo);
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded' });
    const [snapshot] = await world.call('snapshot.list', { slug: 'fork', limit: 1 });
    expect(snapshot).toMatchObject({ leansOn: { repoId: repo.id }, warnings: [] });
    expect(await newest('fork')).toMatchObject({ lfs: { objects: 3, missing: [] }, needed: [common, own, taken].toSorted() });
  });

  test('of an old commit are found where no file of today points at them, on branches that grew since the last run too', async () => {
    const old = await addLarge('a.bin', 'old');
    await addCommits(repo, [{ files: { 'a.bin': null } }]);
    const plan = await largeFiles();
    await world.run(plan);
    const between = await addLarge('b.bin', 'between');
    await addCommits(repo, [{ files: { 'b.bin': 'small now\n' } }]);
    const branch = await addLarge('c.bin', 'on a branch', { branch: 'side' });
    await world.run(plan);
    expect((await newest()).needed).toEqual([old, between, branch].toSorted());
    expect(await stored()).toEqual([old, between, branch].toSorted());
  });

  test('from before they were looked for are found when the plan wants them, or the switch is on', async () => {
    const plan = await world.plan([reader], { leaveOut: ['lfs'] });
    const first = await addLarge('a.bin', 'first');
    await world.run(plan);
    const second = await addLarge('b.bin', 'second');
    await world.run(plan);
    expect(await stored()).toEqual([]);
    await world.call('plan.edit', { id: plan.id, changes: { leaveOut: [] } });
    repo.lfs.enabled = false;
    await world.run(plan);
    expect(await stored()).toEqual([]);
    repo.lfs.enabled = true;
    expect(await outcomeOf(plan)).toMatchObject({ state: 'saved', kind: 'metadata-only', lfsObjects: 2 });
    expect((await newest()).needed).toEqual([first, second].toSorted());
  });

  test('are looked for also where the switch cannot be read: a batch then says whether they are on', async () => {
    world.bitbucket.faults.add({ kind: 'unavailable', status: 500 }, { path: /\/git-lfs\/admin\// });
    const plan = await largeFiles();
    await world.run(plan);
    expect((await newest()).lfs).toBeNull();
    const oid = await addLarge('a.bin', 'first');
    await world.run(plan);
    expect((await newest()).needed).toEqual([oid]);
  });

  test('are looked for later where not even a batch answers: git is saved, with a warning', async () => {
    const faults = [/\/git-lfs\/admin\//, /\/info\/lfs\//].map((path) =>
      world.bitbucket.faults.add({ kind: 'unavailable', status: 500 }, { path }),
    );
    const oid = await addLarge('a.bin', 'first');
    const plan = await largeFiles();
    expect(await outcomeOf(plan)).toMatchObject({
      state: 'saved',
      warnings: expect.arrayContaining([expect.stringContaining('whether it has large files is not known')]),
    });
    expect((await newest()).lfs).toBeNull();
    for (const fault of faults) fault.remove();
    await world.run(plan);
    expect((await newest()).needed).toEqual([oid]);
  });

  test('of new commits are found in the new bundle alone, the older ones unread', async () => {
    // Of such a text, once changed, a thin pack would hold the difference only.
    const text = Array.from({ length: 500 }, (_, line) => `${line} ${oidOf(String(line))}\n`).join('');
    await addCommits(repo, [{ files: { 'text.txt': text } }]);
    await addLarge('a.bin', 'first');
    const plan = await largeFiles();
    await world.run(plan);
    const read: string[] = [];
    await world.restart({
      decorateStorage: (storage) =>
        altered(storage, {
          get: (name, options) => {
            if (name.includes('/bundles/')) read.push(/\/bundles\/(\d+)/.exec(name)?.[1] ?? name);
            return storage.get(name, options);
          },
        }),
    });
    await addCommits(repo, [{ files: { 'text.txt': `${text}one more\n` } }]);
    const changed = await addLarge('a.bin', 'second');
    expect(await outcomeOf(plan)).toMatchObject({ state: 'saved', kind: 'incremental', lfsObjects: 1, warnings: [] });
    expect(await stored()).toContain(changed);
    expect(read).toEqual(['00000002']);
  });

  test('leave no folder behind in which they were looked for', async () => {
    await addLarge('a.bin', 'first');
    await world.run(await largeFiles());
    expect(readdirSync(join(world.root, 'scratch'))).toEqual([]);
  });
});

describe('a large file that cannot be had', () => {
  test.each<[string, string, (oid: string) => () => void]>([
    ['is lost', 'Object does not exist', (oid) => (lose(repo, oid), () => repo.lfs.objects.set(oid, Buffer.from('second')))],
    ['is not where the server says', 'nothing at', (oid) => (vanish(repo, oid), () => repo.lfs.faults.vanished.clear())],
    ['has other bytes', 'other bytes', (oid) => (alter(repo, oid), () => repo.lfs.faults.altered.clear())],
    [
      'breaks off each time',
      'broke the connection',
      (oid) => {
        const fault = cutDownload(world.bitbucket, oid, { at: 3 });
        return () => fault.remove();
      },
    ],
  ])('because it %s is named with its path and the reason, and tried again until it is there', async (_, why, spoil) => {
    const plan = await largeFiles();
    await world.run(plan);
    const whole = await addLarge('assets/whole.bin', 'first');
    const lost = await addLarge('assets/ünï.bin', 'second');
    const mend = spoil(lost);
    const outcome = await outcomeOf(plan);
    expect(outcome).toMatchObject({ state: 'saved', kind: 'incremental', lfsObjects: 1 });
    expect(outcome).toMatchObject({ warnings: [expect.stringMatching(new RegExp(`assets/ünï.bin.*${why}`))] });
    expect(await stored()).toEqual([whole]);
    expect((await newest()).lfs).toMatchObject({ objects: 2, missing: [{ oid: lost, path: 'assets/ünï.bin', bytes: 6 }] });
    expect(await outcomeOf(plan)).toMatchObject({ state: 'unchanged' });
    mend();
    expect(await outcomeOf(plan)).toMatchObject({ state: 'saved', kind: 'metadata-only', lfsObjects: 1, warnings: [] });
    expect(downloads()).toEqual([lost]);
    expect((await newest()).lfs).toMatchObject({ objects: 2, missing: [] });
    expect(await stored()).toEqual([whole, lost].toSorted());
  });
});

describe('a server that stumbles', () => {
  test('is asked again: a download that was cut, a batch and a download that failed', async () => {
    const oid = await addLarge('a.bin', 'first');
    cutDownload(world.bitbucket, oid, { at: 2, times: 1 });
    world.bitbucket.faults.add({ kind: 'unavailable' }, { git: 'lfs', times: 1 });
    world.bitbucket.faults.add({ kind: 'unavailable', status: 500 }, { path: /\/git-lfs\/storage\//, times: 1 });
    expect(await outcomeOf(await largeFiles())).toMatchObject({ state: 'saved', lfsObjects: 1, warnings: [] });
    expect(await stored()).toEqual([oid]);
  });

  test('that throttles in the middle is waited for', async () => {
    const oids = [];
    for (const content of ['one', 'two', 'three', 'four', 'five']) oids.push(await addLarge(`${content}.bin`, content));
    throttleBatch(world.bitbucket, { times: 1, retryAfter: 20 });
    throttleDownload(world.bitbucket, { nth: 3, times: 2, retryAfter: 30 });
    expect(await outcomeOf(await largeFiles())).toMatchObject({ state: 'saved', lfsObjects: 5, warnings: [] });
    expect(await stored()).toEqual(oids.toSorted());
  });

  test('that throttles one user serves the next', async () => {
    const oid = await addLarge('a.bin', 'first');
    const other = world.addReader('bea');
    world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 600 }, { git: 'lfs', user: 'ann' });
    world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 600 }, { path: /\/git-lfs\/storage\//, user: 'ann' });
    const plan = await world.plan([reader, other], { leaveOut: [] });
    expect(await outcomeOf(plan)).toMatchObject({ state: 'saved', lfsObjects: 1, warnings: [] });
    expect(await stored()).toEqual([oid]);
  });
});

describe('an address that the server gives', () => {
  test('at an object store of its own is read without any credential of Bitbucket', async () => {
    const oid = await addLarge('a.bin', 'first');
    await using store = await ObjectStore.start(repo);
    expect(await outcomeOf(await largeFiles())).toMatchObject({ state: 'saved', lfsObjects: 1, warnings: [] });
    expect(store.requests.map(({ path }) => path)).toEqual([`/${oid}`]);
    expect(store.leaks(world.bitbucket)).toEqual([]);
    expect(store.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('with a pass of its own is asked with that pass alone; one that ran out is asked for anew, and no credential is given up for it', async () => {
    const oid = await addLarge('a.bin', 'first');
    repo.lfs.faults.ownAuthorization = true;
    world.bitbucket.faults.add({ kind: 'unavailable', status: 401 }, { path: /\/git-lfs\/storage\//, times: 1 });
    const plan = await largeFiles();
    expect(await outcomeOf(plan)).toMatchObject({ state: 'saved', lfsObjects: 1, warnings: [] });
    expect(batches()).toHaveLength(2);
    expect(await stored()).toEqual([oid]);
    expect((await world.call('credential.list', {})).map(({ health }) => health)).toMatchObject([{ state: 'healthy' }]);
  });
});
