import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Job, Outcome, RunDetail } from '@gitprotect/shared/run';
import type { Plan } from '@gitprotect/shared/plan';
import { repositoryFixtures } from '../repositories/fixtures.ts';
import { allRefs, gitEnvironment } from '../repositories/real-git.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { World } from '../world.ts';

/** What `git fsck` complains of. */
function fsck(dir: string): string[] {
  const { stderr } = spawnSync('git', ['fsck', '--full', '--no-dangling'], { cwd: dir, env: gitEnvironment, encoding: 'utf8' });
  return stderr
    .split('\n')
    .filter((line) => /^(?:error|warning|missing|broken)/.test(line))
    .toSorted();
}

const slugOf = (index: number): string => `fixture-${index}`;

describe('repos as servers have them', () => {
  let world: World;
  let plan: Plan;
  /** For each run: the sources as they were, and what became of them. */
  const states: { run: RunDetail; requests: Map<string, string[]>; copies: string }[] = [];

  const folderOf = (index: number): string => join(world.root, 'sources', `${index}.git`);
  const gitRequests = (): Map<string, string[]> => {
    const git = world.bitbucket.requests.filter((request) => request.git !== undefined);
    return new Map(
      [...Map.groupBy(git, ({ path }) => /\/([^/]+)\.git\//.exec(path)?.[1] ?? '')].map(([slug, all]) => [
        slug,
        all.map((one) => one.git ?? ''),
      ]),
    );
  };

  beforeAll(async () => {
    world = await World.start();
    for (const [index, fixture] of repositoryFixtures.entries()) {
      await fixture.create(folderOf(index));
      world.addRepo(slugOf(index), folderOf(index));
    }
    plan = await world.plan([world.addReader('ada')]);
    for (const change of [false, true, false]) {
      if (change) for (const [index, fixture] of repositoryFixtures.entries()) await fixture.change?.(folderOf(index));
      const run = await world.run(plan);
      const copies = join(world.root, `as-of-${states.length}`);
      cpSync(join(world.root, 'sources'), copies, { recursive: true });
      states.push({ run, requests: gitRequests(), copies });
    }
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  const jobOf = (state: number, index: number): Job | undefined => states[state]?.run.jobs.find(({ slug }) => slug === slugOf(index));
  const outcomeOf = (state: number, index: number): Outcome | null | undefined => jobOf(state, index)?.outcome;

  test('are all saved, changed or not', () => {
    expect(states.map(({ run }) => [run.state, run.problems])).toEqual([
      ['succeeded', []],
      ['succeeded', []],
      ['succeeded', []],
    ]);
    expect(states.at(-1)?.run.counts).toMatchObject({ saved: 0, unchanged: repositoryFixtures.length });
  });

  describe.each(repositoryFixtures.map(({ name }, index) => ({ name, index })))('$name', ({ name, index }) => {
    test('costs two requests the first time, and one when nothing is new', () => {
      // A server says nothing to a listing in the wrong object format: then what it offers is asked for. Bitbucket has SHA-1 alone.
      const first =
        name === 'sha256' ? ['ls-refs', 'advertise', 'ls-refs', 'fetch'] : name === 'empty' ? ['ls-refs'] : ['ls-refs', 'fetch'];
      expect(states[0]?.requests.get(slugOf(index))).toEqual(first);
      expect(states[2]?.requests.get(slugOf(index))).toEqual(['ls-refs']);
      expect(jobOf(0, index)?.requests).toBe(first.length);
      expect(outcomeOf(2, index)).toMatchObject({ state: 'unchanged', snapshotId: '00000002' });
    });

    test.each([0, 1])('is restored as it was at snapshot %i, with every ref and HEAD', async (state) => {
      expect(outcomeOf(state, index)).toMatchObject({ state: 'saved', snapshotId: `0000000${state + 1}`, warnings: [] });
      const source = join(states[state]?.copies ?? '', `${index}.git`);
      const report = await world.restore(slugOf(index), `0000000${state + 1}`);
      expect(report).toMatchObject({ verified: true, differences: [] });
      expect(allRefs(report.folder)).toEqual(allRefs(source));
      const complaints = fsck(report.folder);
      // A history may have flaws of its own, and is brought back with them.
      expect(complaints).toEqual(complaints.length === 0 ? [] : fsck(source));
      rmSync(report.folder, { recursive: true });
    });
  });

  test('leave a storage where every promise holds and nothing is left over', async () => {
    expect(await storageInvariants(world.storageFolder, await world.keys())).toMatchObject({ violations: [], orphans: [], unfinished: [] });
  });
});
