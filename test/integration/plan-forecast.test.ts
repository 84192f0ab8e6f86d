import type { Plan } from '@gitprotect/shared/plan';
import { basisOf } from '@gitprotect/shared/forecast';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addCommits } from '../bitbucket/history.ts';
import type { Token } from '../bitbucket/model.ts';
import { World } from '../world.ts';

/** Six repos, and one user who may make 40 requests at once and one a second; the plan may use half of that. */
let world: World;
let plan: Plan;
let token: Token;

beforeAll(async () => {
  world = await World.start({ bitbucket: { rateLimit: { enabled: true, capacity: 40, fillRate: 1 } } });
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await addCommits(world.addRepo(name), [{ files: { 'a.txt': `${name}\n` } }]);
  token = world.addReader('ada');
  plan = await world.plan([token], { share: 50, window: { from: '22:00', to: '06:00', timeZone: 'UTC' } });
  world.clock.move(60_000);
});
afterAll(() => world[Symbol.asyncDispose]());

const forecast = () => world.call('plan.forecast', { id: plan.id });

test('before the first run nothing is known of its cost, and that is what is said', async () => {
  const nothing = await forecast();
  expect(nothing).toMatchObject({ full: null, daily: null, users: 1 });
  expect(basisOf(nothing)).toContain('Nothing is known yet');
});

test('a run leaves the rest of each user’s limit to people', async () => {
  const user = token.actsAs;
  if (user === null) throw new Error('it is a user’s token');
  const left: number[] = [];
  const stop = world.app.events.subscribe(() => left.push(world.bitbucket.limits.left(user)));
  const run = await world.run(plan);
  stop();
  expect(run).toMatchObject({ state: 'succeeded', counts: { saved: 6 }, throttles: [] });
  expect(Math.min(...left)).toBeGreaterThanOrEqual(19);
  expect(run.requests).toBeGreaterThan(10);
});

test('after the first run the cost of a full one is known, after the second that of a daily one', async () => {
  const first = await forecast();
  const [run] = await world.call('run.list', { planId: plan.id });
  expect(first).toMatchObject({ full: { requests: run?.requests, bytes: run?.bytes, fit: { kind: 'inside' } }, daily: null });
  expect(first).toMatchObject({ rate: 0.5, limitsKnown: true });
  await world.run(plan);
  expect(await forecast()).toMatchObject({ daily: { requests: 6, bytes: 0 }, full: first.full, runs: 1 });
});

test('a share is at least a tenth', async () => {
  await expect(world.call('plan.edit', { id: plan.id, changes: { share: 5 } })).rejects.toMatchObject({ code: 'bad-request' });
  expect(await world.call('plan.edit', { id: plan.id, changes: { share: 60 } })).toMatchObject({ share: 60 });
});
