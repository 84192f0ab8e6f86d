import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Plan } from '@gitprotect/shared/plan';
import { addCommits } from '../bitbucket/history.ts';
import { beyondBucket, mostAtOnce } from '../bitbucket/load.ts';
import type { Fault, When } from '../bitbucket/faults.ts';
import type { Repo, Token } from '../bitbucket/model.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { World } from '../world.ts';

/*
 * Whatever happens to the accounts in the middle of a run, every repo that one of those left sees is saved. The number of rounds is small here;
 * GITPROTECT_ROUNDS=200 makes it a long test.
 */
const rounds = Number(process.env['GITPROTECT_ROUNDS'] ?? 3);
const limit = { capacity: 12, fillRate: 4 };
const names = ['ada', 'ben', 'cleo'] as const;
/** Who sees which repo. */
const rights: Readonly<Record<string, readonly number[]>> = { alpha: [0, 1, 2], beta: [0, 1], gamma: [1, 2], delta: [2], omega: [0, 1, 2] };

let world: World;
let plan: Plan;
let tokens: Token[];
let repos: Repo[];

beforeAll(async () => {
  world = await World.start({ bitbucket: { rateLimit: { enabled: true, ...limit } } });
  const { state } = world.bitbucket;
  repos = Object.keys(rights).map((name) => world.addRepo(name));
  tokens = names.map((name) => state.addToken({ user: state.addUser({ name }), name, permissions: ['PROJECT_READ', 'REPO_READ'] }));
  for (const repo of repos) for (const number of rights[repo.slug] ?? []) state.grant(userOf(number), 'REPO_READ', repo);
  plan = await world.plan(tokens);
});
afterAll(async () => world[Symbol.asyncDispose]());

function userOf(number: number): Token['actsAs'] {
  const token = tokens[number];
  if (token === undefined) throw new Error('nobody');
  return token.actsAs;
}

const retryAfter = fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined });
const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constant<Fault>({ kind: 'revoke' }),
  fc.integer({ min: 1, max: 400 }).map((afterBytes): Fault => ({ kind: 'revoke', afterBytes })),
  retryAfter.map((retryAfter): Fault => ({ kind: 'throttle', ...(retryAfter !== undefined && { retryAfter }) })),
  retryAfter.map((retryAfter): Fault => ({ kind: 'unavailable', ...(retryAfter !== undefined && { retryAfter }) })),
  fc.constant<Fault>({ kind: 'reset' }),
);
const anyWhen: fc.Arbitrary<When> = fc
  .record({
    user: fc.constantFrom(...names),
    nth: fc.integer({ min: 1, max: 8 }),
    git: fc.boolean(),
    times: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ git, ...when }) => (git ? { ...when, git: ['ls-refs', 'fetch'] as const } : when));

let changes = 0;

async function round(faults: readonly { fault: Fault; when: When }[]): Promise<void> {
  const { bitbucket, clock } = world;
  for (const repo of repos) await addCommits(repo, [{ files: { 'a.txt': `${(changes += 1)}\n` } }]);
  for (const token of tokens) if (!bitbucket.state.tokens.includes(token)) bitbucket.state.tokens.push(token);
  // What was refused before is as if it had been long ago.
  clock.move(7_200_000);
  for (const { fault, when } of faults) bitbucket.faults.add(fault, when);
  const run = await world.run(plan);
  bitbucket.faults.clear();

  const left = tokens.flatMap((token, number) => (bitbucket.state.tokens.includes(token) ? [number] : []));
  const jobs = new Map(run.jobs.map(({ slug, outcome }) => [slug, outcome?.state]));
  const seen = Object.keys(rights).filter((slug) => rights[slug]?.some((number) => left.includes(number)));
  expect(seen.filter((slug) => !['saved', 'unchanged'].includes(jobs.get(slug) ?? ''))).toEqual([]);
  const failed = run.jobs.flatMap(({ outcome }) => (outcome?.state === 'failed' ? [outcome.error.code] : []));
  const told = [...run.problems.map(({ code }) => code), ...failed];
  // With nobody left it ends, and says why.
  expect(left.length > 0 || run.state === 'succeeded' || told.some((code) => ['token-rejected', 'not-covered'].includes(code))).toBe(true);
  const { requests } = bitbucket;
  expect(mostAtOnce(requests.filter(({ git }) => git !== undefined))).toBeLessThanOrEqual(4);
  expect(mostAtOnce(requests.filter(({ git }) => git === undefined))).toBeLessThanOrEqual(8);
  for (const name of names) {
    const own = requests.filter(({ user }) => user === name);
    expect(beyondBucket(own, limit)).toBeLessThanOrEqual(own.length / 100);
  }
}

test(
  'whoever is revoked, throttled, cut off or put off during a run: what the others see is saved, within the limits of each',
  async () => {
    await round([]);
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ fault: anyFault, when: anyWhen }), { maxLength: 5 }), round), {
      numRuns: rounds,
      endOnFailure: true,
    });
    // All but one, and then all, before anything is asked of git.
    await round(names.slice(1).map((user) => ({ fault: { kind: 'revoke' }, when: { user, git: 'ls-refs' } })));
    await round(names.map((user) => ({ fault: { kind: 'revoke' }, when: { user, git: 'ls-refs' } })));
    await round([]);
    expect((await storageInvariants(world.storageFolder, await world.keys())).violations).toEqual([]);
    expect((await world.restore('delta')).folder).toContain(join(world.root, 'restored'));
  },
  120_000 + rounds * 30_000,
);
