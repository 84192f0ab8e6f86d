import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan } from '@gitprotect/shared/plan';
import type { Outcome } from '@gitprotect/shared/run';
import type { Repo } from '../bitbucket/model.ts';
import { commit } from '../repositories/history.ts';
import { line } from '../repositories/fixtures.ts';
import { allRefs, emptyRepository, fastImport, git, looseObject, unpackAll } from '../repositories/real-git.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { World } from '../world.ts';

const main = 'refs/heads/main';
const side = 'refs/heads/side';

function damagedRepo(world: World, name: string): Repo {
  return world.addRepo(name, join(world.root, `${name}.git`));
}

/** Two branches, one file an object. */
async function fill(dir: string): Promise<void> {
  emptyRepository(dir);
  await fastImport(dir, line(main, 1, 20));
  await fastImport(dir, line(side, 30, 33, `${main}~12`));
  unpackAll(dir);
}

/** Takes an object away, by what git calls it. */
function lose(dir: string, what: string): string {
  const oid = git(dir, ['rev-parse', what]);
  renameSync(looseObject(dir, oid), `${looseObject(dir, oid)}.gone`);
  return oid;
}

const putBack = (dir: string, oid: string): void => renameSync(`${looseObject(dir, oid)}.gone`, looseObject(dir, oid));

const kinds = [
  // What is in the history can be asked for one by one.
  { filter: true, says: 'lost 1 object (src/file-15.txt)', refs: [main, side], missing: 1, requests: 2 },
  // Nothing tells which object it is: the branch that needs it is out of reach, the other is not.
  { filter: false, says: `cannot give 1 ref (${main})`, refs: [side], missing: 0, requests: 3 },
];

describe.each(kinds)('a repo with lost objects on a server with partial clones: $filter', ({ filter, says, refs, missing, requests }) => {
  let world: World;
  let plan: Plan;
  beforeAll(async () => {
    world = await World.start({ bitbucket: { partialClone: filter } });
    plan = await world.plan([world.addReader('ada')]);
  });
  afterAll(() => world[Symbol.asyncDispose]());
  const runOf = async (repo: Repo): Promise<Outcome | null | undefined> =>
    (await world.run(plan)).jobs.find(({ slug }) => slug === repo.slug)?.outcome;

  test('is saved as far as it can be had, names what is lost, and gets it when it is put back', async () => {
    const repo = damagedRepo(world, 'first');
    await fill(repo.folder);
    const lost = lose(repo.folder, `${main}~5:src/file-15.txt`);

    expect(await runOf(repo)).toMatchObject({
      state: 'saved',
      kind: 'full',
      refs: { total: refs.length },
      warnings: [expect.stringContaining(says)],
    });
    const report = await world.restore('first');
    expect(report).toMatchObject({ verified: true, differences: [], fsck: [], snapshot: { lost: 1 } });
    expect(git(report.folder, ['for-each-ref', '--format=%(refname)']).split('\n')).toEqual(refs);
    // All of their history but the one object.
    const inCopy = git(report.folder, ['rev-list', '--objects', '--missing=print', ...refs]).split('\n');
    expect(inCopy.filter((text) => text.startsWith('?'))).toEqual([`?${lost}`].slice(0, missing));
    git(report.folder, ['rev-list', '--objects', side]);
    expect((await world.call('backup.verify', { drill: true })).problems).toEqual([]);

    // Nothing changed, and still said; with one request for the list and one or two for what is lost.
    expect(await runOf(repo)).toMatchObject({ state: 'unchanged', warnings: [expect.stringContaining(says)] });
    expect(world.bitbucket.requests.filter(({ git: asked }) => asked !== undefined).length).toBeLessThanOrEqual(requests);

    putBack(repo.folder, lost);
    expect(await runOf(repo)).toMatchObject({ state: 'saved', kind: 'incremental', warnings: [] });
    const whole = await world.restore('first');
    expect(whole).toMatchObject({ verified: true, differences: [], fsck: [], snapshot: { lost: 0 } });
    expect(allRefs(whole.folder)).toEqual(allRefs(repo.folder));
    expect(git(whole.folder, ['rev-list', '--objects', '--all'])).toEqual(git(repo.folder, ['rev-list', '--objects', '--all']));
    expect(await runOf(repo)).toEqual({ state: 'unchanged', snapshotId: whole.snapshot.id });
  });

  test('goes on from a good chain: what that holds is not lost, whatever the server lost', async () => {
    const repo = damagedRepo(world, 'chained');
    await fill(repo.folder);
    expect(await runOf(repo)).toMatchObject({ state: 'saved' });
    lose(repo.folder, `${main}~5:src/file-15.txt`);
    lose(repo.folder, `${main}~3^{tree}`);
    await fastImport(repo.folder, line(main, 1, 3, `${main}^0`));
    // A branch of old commits: the server would have to read what it has lost, were it not told that we have it.
    git(repo.folder, ['update-ref', 'refs/heads/back', `${main}~5`]);
    expect(await runOf(repo)).toMatchObject({ state: 'saved', kind: 'incremental', warnings: [] });
    const report = await world.restore('chained');
    expect(report).toMatchObject({ verified: true, differences: [], fsck: [], snapshot: { lost: 0 } });
    expect(allRefs(report.folder)).toEqual(allRefs(repo.folder));

    // Most of the chain is given up, as the drill finds: a new one is due, and the server cannot give one any more.
    const files = { 'noise.bin': randomBytes(1_500_000) };
    await fastImport(repo.folder, [commit({ ref: main, mark: 1, parents: [`${main}^0`], files })]);
    expect(await runOf(repo)).toMatchObject({ state: 'saved', kind: 'incremental', warnings: [] });
    git(repo.folder, ['update-ref', main, `${main}^`]);
    await fastImport(repo.folder, line(main, 1, 3, `${main}^0`));
    expect(await runOf(repo)).toMatchObject({ state: 'saved', kind: 'incremental' });
    await world.call('backup.verify', { drill: true });
    await fastImport(repo.folder, line(main, 4, 5, `${main}^0`));
    const kept = { state: 'saved', kind: 'incremental', warnings: [expect.stringContaining('cannot give this repository as a whole')] };
    expect(await runOf(repo)).toMatchObject(kept);
    const later = await world.restore('chained');
    expect(later).toMatchObject({ verified: true, differences: [], fsck: [], snapshot: { lost: 0 } });
    expect(allRefs(later.folder)).toEqual(allRefs(repo.folder));
  });

  test('keeps a ref where the chain has it when its new commits cannot be had', async () => {
    const repo = damagedRepo(world, 'kept');
    await fill(repo.folder);
    expect(await runOf(repo)).toMatchObject({ state: 'saved' });
    const before = git(repo.folder, ['rev-parse', main]);
    await fastImport(repo.folder, line(main, 41, 44, `${main}^0`));
    await fastImport(repo.folder, line(side, 51, 52, 'refs/heads/side^0'));
    unpackAll(repo.folder);
    const tree = lose(repo.folder, `${main}~1^{tree}`);
    expect(await runOf(repo)).toMatchObject({
      state: 'saved',
      kind: 'incremental',
      refs: { total: 2, moved: 1 },
      warnings: [expect.stringContaining(`cannot give 1 ref (${main})`)],
    });
    const report = await world.restore('kept');
    expect(report).toMatchObject({ verified: true, differences: [], fsck: [], snapshot: { lost: 1 } });
    expect(git(report.folder, ['rev-parse', main, side])).toBe(`${before}\n${git(repo.folder, ['rev-parse', side])}`);
    putBack(repo.folder, tree);
    expect(await runOf(repo)).toMatchObject({ state: 'saved', warnings: [] });
    const whole = await world.restore('kept');
    expect(whole).toMatchObject({ verified: true, differences: [] });
    expect(allRefs(whole.folder)).toEqual(allRefs(repo.folder));
  });

  test('a branch whose own commit is lost stands in nobody’s way', async () => {
    const repo = damagedRepo(world, 'tipless');
    await fill(repo.folder);
    git(repo.folder, ['pack-refs', '--all']);
    lose(repo.folder, side);
    expect(await runOf(repo)).toMatchObject({ state: 'saved', warnings: [expect.stringContaining('cannot give 1 ref (refs/heads/side)')] });
    expect(await world.restore('tipless')).toMatchObject({ verified: true, differences: [], refs: 1 });
  });

  test('a repo of which nothing can be had fails, and says what to do', async () => {
    const repo = damagedRepo(world, 'nothing');
    emptyRepository(repo.folder);
    await fastImport(repo.folder, line(main, 1, 3));
    unpackAll(repo.folder);
    const commit = git(repo.folder, ['rev-parse', `${main}~1`]);
    writeFileSync(looseObject(repo.folder, commit), 'rubbish');
    expect(await runOf(repo)).toMatchObject({
      state: 'failed',
      error: { code: 'git-damaged', remedy: expect.stringContaining('git fsck') },
    });
    rmSync(repo.folder, { recursive: true });
    emptyRepository(repo.folder);
  });

  test('leaves the storage as every backup does', async () => {
    expect(await storageInvariants(world.storageFolder, await world.keys())).toMatchObject({ violations: [], unfinished: [] });
  });
});

test('many lost objects take a bounded number of requests, each with a lease of its own', async () => {
  await using world = await World.start({ bitbucket: { partialClone: true } });
  const plan = await world.plan([world.addReader('ada'), world.addReader('ben')]);
  const repo = damagedRepo(world, 'many');
  emptyRepository(repo.folder);
  await fastImport(repo.folder, line(main, 1, 120));
  unpackAll(repo.folder);
  const lost = [3, 40, 77, 78, 99].map((number) => lose(repo.folder, `${main}:src/file-${number}.txt`));
  // One is there and cannot be read: the server does not say which.
  const corrupt = git(repo.folder, ['rev-parse', `${main}:src/file-60.txt`]);
  writeFileSync(looseObject(repo.folder, corrupt), 'rubbish');
  const run = await world.run(plan);
  const [job] = run.jobs;
  expect(job?.outcome).toMatchObject({ state: 'saved', warnings: [expect.stringContaining('lost 6 objects')] });
  expect(job?.requests).toBeLessThan(40);
  const report = await world.restore('many');
  expect(report).toMatchObject({ verified: true, fsck: [], snapshot: { lost: 6 } });
  const missing = git(report.folder, ['rev-list', '--objects', '--all', '--missing=print']).split('\n');
  expect(missing.filter((text) => text.startsWith('?')).toSorted()).toEqual([...lost, corrupt].map((oid) => `?${oid}`).toSorted());
});
