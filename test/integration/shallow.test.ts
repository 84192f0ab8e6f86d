import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan } from '@gitprotect/shared/plan';
import type { Outcome } from '@gitprotect/shared/run';
import type { Repo } from '../bitbucket/model.ts';
import { line, shallowRepository } from '../repositories/fixtures.ts';
import { allRefs, emptyRepository, fastImport, git } from '../repositories/real-git.ts';
import { World } from '../world.ts';

const main = 'refs/heads/main';
const side = 'refs/heads/side';
const cutOff = expect.stringContaining('history is cut off');

describe.each(['v2', 'v0'])('a repo whose history is cut off on a server that speaks %s', (protocol) => {
  let world: World;
  let plan: Plan;
  let source: string;
  let repo: Repo;
  beforeAll(async () => {
    world = await World.start();
    if (protocol === 'v0') world.bitbucket.faults.add({ kind: 'no-v2' }, {});
    plan = await world.plan([world.addReader('ada')]);
    source = join(world.root, 'source.git');
    emptyRepository(source);
    await fastImport(source, line(main, 1, 20));
    const folder = join(world.root, 'cut.git');
    shallowRepository(source, folder);
    repo = world.addRepo('cut', folder);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const run = async (): Promise<Outcome | null | undefined> => (await world.run(plan)).jobs[0]?.outcome;
  /** Restores the last snapshot. @returns how many commits of `main` came back */
  async function restored(): Promise<number> {
    const report = await world.restore('cut');
    expect(report).toMatchObject({ verified: true, differences: [], fsck: [] });
    expect(allRefs(report.folder)).toEqual(allRefs(repo.folder));
    return Number(git(report.folder, ['rev-list', '--count', main]));
  }

  test('comes back as far as the server has it, also from snapshots that add to it', async () => {
    expect(await run()).toMatchObject({ state: 'saved', kind: 'full', warnings: [cutOff] });
    await fastImport(repo.folder, line(main, 21, 22, `${main}^0`));
    expect(await run()).toMatchObject({ state: 'saved', kind: 'incremental', warnings: [cutOff] });
    git(repo.folder, ['update-ref', side, `${main}~1`]);
    expect(await run()).toMatchObject({ state: 'saved', kind: 'refs-only', warnings: [cutOff] });
    // A branch with a history of its own, which nothing was cut off.
    await fastImport(repo.folder, line('refs/heads/alone', 31, 32));
    expect(await run()).toMatchObject({ state: 'saved', kind: 'incremental', warnings: [cutOff] });
    expect(await restored()).toBe(5);
  });

  test('comes back whole once the server has got the rest', async () => {
    git(repo.folder, ['fetch', '--quiet', '--unshallow', source, main]);
    git(repo.folder, ['update-ref', 'refs/heads/old', `${main}~15`]);
    expect(await run()).toMatchObject({ state: 'saved', kind: 'full', warnings: [] });
    expect(await restored()).toBe(22);
    await fastImport(repo.folder, line(main, 23, 24, `${main}^0`));
    expect(await run()).toMatchObject({ state: 'saved', kind: 'incremental', warnings: [] });
  });
});
