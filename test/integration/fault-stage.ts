import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import type { Job, RunDetail } from '@gitprotect/shared/run';
import type { Plan } from '@gitprotect/shared/plan';
import type { When } from '../bitbucket/faults.ts';
import type { Repo, Token } from '../bitbucket/model.ts';
import { noise } from '../noise.ts';
import { commit } from '../repositories/history.ts';
import { allRefs, emptyRepository, fastImport } from '../repositories/real-git.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { World } from '../world.ts';

/** A plan over two repos, `hit` and `spared`, one snapshot of each, and a change in both since. */
export interface Stage extends AsyncDisposable {
  readonly world: World;
  readonly plan: Plan;
  readonly tokens: readonly Token[];
  readonly hit: Repo;
  readonly jobOf: (run: RunDetail, slug: string) => Job | undefined;
}

/** Short for a person, and long enough for a machine with other work to do. */
const short = { connect: 3, headers: 2, stall: 1 };

export async function stage(readers: readonly string[] = ['ada'], { saved = true } = {}): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await World.start({ config: { timeouts: short } }));
  const tokens = readers.map((name) => world.addReader(name));
  const repos: Repo[] = [];
  for (const name of ['hit', 'spared']) {
    const folder = join(world.root, `${name}.git`);
    await makeRepo(folder);
    repos.push(world.addRepo(name, folder));
  }
  const [hit] = repos;
  if (hit === undefined) throw new Error('there is a repo');
  const plan = await world.plan(tokens);
  if (saved) {
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded', counts: { saved: 2 } });
    for (const repo of repos) await change(repo);
  }
  const owned = stack.move();
  return {
    world,
    plan,
    tokens,
    hit,
    jobOf: (run, slug) => run.jobs.find((job) => job.slug === slug),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

let changes = 0;

/** Nothing compresses it away, so that a fetch has bytes to be hit in. */
const another = (): Buffer => noise(String((changes += 1)), 5000);

async function makeRepo(dir: string): Promise<void> {
  emptyRepository(dir);
  const refs = ['main', ...Array.from({ length: 12 }, (_, index) => `feature/${index}`)].map((name) => `refs/heads/${name}`);
  await fastImport(
    dir,
    refs.map((ref, index) => commit({ ref, mark: index + 1, files: { 'noise.bin': another() } })),
  );
}

export async function change({ folder }: Pick<Repo, 'folder'>): Promise<void> {
  await fastImport(folder, [
    commit({ ref: 'refs/heads/main', mark: 1, parents: ['refs/heads/main^0'], files: { [`noise-${changes}.bin`]: another() } }),
  ]);
}

/** No harm was done: what is committed is whole, nothing half lies about, and without the fault the next run saves the repo as it is, and says no more than `problems`. */
export async function provesHarmless({ world, plan, hit }: Stage, problems: readonly unknown[] = []): Promise<void> {
  const keys = await world.keys();
  expect(await storageInvariants(world.storageFolder, keys)).toMatchObject({ violations: [], unfinished: [] });
  world.bitbucket.faults.clear();
  const run = await world.run(plan);
  expect(run).toMatchObject({ state: 'succeeded', problems });
  const report = await world.restore(hit.slug);
  expect(report).toMatchObject({ verified: true, differences: [] });
  expect(allRefs(report.folder)).toEqual(allRefs(hit.folder));
  expect(await storageInvariants(world.storageFolder, keys)).toMatchObject({ violations: [], unfinished: [] });
}

export const onListing: When = { repo: 'PROOF/hit', git: 'ls-refs' };
/** Whatever is asked before a fetch. */
export const onAnyListing: When = { repo: 'PROOF/hit', git: ['ls-refs', 'advertise'] };
export const onFetch: When = { repo: 'PROOF/hit', git: 'fetch' };
export const once = (when: When): When => ({ ...when, times: 1 });

/** All is looked at after each fault: with more of them on one stage that takes longer than another stage. */
const most = 8;

/** One stage for some faults, one after the other: each leaves it as it was, for that is what is proved. */
export function sharedStage(): () => Stage {
  let shared: Stage;
  let used = 0;
  beforeAll(async () => {
    shared = await stage();
  });
  afterAll(() => shared[Symbol.asyncDispose]());
  beforeEach(async () => {
    used += 1;
    if (used % most === 0) {
      await shared[Symbol.asyncDispose]();
      shared = await stage();
    }
    for (const { folder } of shared.world.bitbucket.state.repos) await change({ folder });
  });
  return () => shared;
}
