import { describe, expect, test } from 'vitest';
import { AppError } from '@gitprotect/shared/errors';
import { type Clock, systemClock } from '../lib/clock.ts';
import type { RateLimit } from '../bitbucket/rate-limit.ts';
import { Secret } from '../lib/secret.ts';
import { Buckets } from './buckets.ts';
import { tokensLeft } from './bucket.ts';
import type { PoolCredential } from './choose.ts';
import { credentialPool, type LeaseRequest, type Pool, type PoolSource } from './pool.ts';
import { withLease } from './with-lease.ts';

const { signal } = new AbortController();
const wanted: LeaseRequest = { serverId: 's', projectId: 'p', credentialIds: ['a', 'b'], purpose: 'git' };
const people: readonly PoolCredential[] = [
  { credentialId: 'a', user: 's/user jane', ownerSlug: 'jane' },
  { credentialId: 'b', user: 's/user ben', ownerSlug: 'ben' },
];

function source(
  credentials = people,
  limit: RateLimit = { kind: 'unknown' },
): PoolSource & { readonly rejected: string[]; readonly asked: string[] } {
  const rejected: string[] = [];
  const asked: string[] = [];
  return {
    rejected,
    asked,
    candidates: async ({ credentialIds }) =>
      credentials.filter(({ credentialId }) => credentialIds.includes(credentialId) && !rejected.includes(credentialId)),
    secret: async (id) => new Secret(`CANARY-${id}`),
    markRejected: async (id) => void rejected.push(id),
    markUsed: async () => {},
    limit: async (_, { credentialId }) => {
      asked.push(credentialId);
      return limit;
    },
  };
}

const poolOf = (clock: Clock = systemClock, from = source()) =>
  credentialPool({ source: from, buckets: new Buckets(), clock, chance: () => 0.5, atOnce: { rest: 2, git: 1 } });

describe('the pool', () => {
  test('lets only so many at one server at once, and each kind for itself', async () => {
    const pool = poolOf();
    const first = await pool.lease(wanted, signal);
    let second = false;
    const waiting = pool.lease(wanted, signal).then((lease) => {
      second = true;
      return lease;
    });
    await (await pool.lease({ ...wanted, purpose: 'rest' }, signal)).report('ok');
    await (await pool.lease({ ...wanted, serverId: 'other' }, signal)).report('ok');
    expect(second).toBe(false);
    await first.report('ok');
    await first.report('ok');
    await (await waiting).report('ok');
    expect(second).toBe(true);
  });

  test('gives its place back when nobody can be lent', async () => {
    const pool = poolOf();
    for (let n = 0; n < 3; n += 1) {
      await expect(pool.lease({ ...wanted, credentialIds: [] }, signal)).rejects.toMatchObject({ code: 'not-covered' });
    }
    await (await pool.lease(wanted, signal)).report('ok');
  });
});

/** Whoever sleeps moves it. */
function movingClock(): Clock & { move(milliseconds: number): void } {
  let now = 1_000_000;
  const move = (milliseconds: number) => void (now += milliseconds);
  return { now: () => now, move, sleep: async (milliseconds) => move(milliseconds) };
}

const oneAfterAnother = async (pool: Pool, requests: number, more: Partial<LeaseRequest> = {}): Promise<void> => {
  for (let n = 0; n < requests; n += 1) await (await pool.lease({ ...wanted, ...more }, signal)).report('ok');
};

describe('pace', () => {
  const limited = { kind: 'limited', capacity: 10, fillRate: 2 } as const;

  test('is what the server allows each user, times the share, and of that only the last of a full bucket waits a moment', async () => {
    const clock = movingClock();
    const pool = poolOf(clock, source(people, limited));
    const start = clock.now();
    await oneAfterAnother(pool, 14);
    expect(clock.now()).toBe(start);
    await oneAfterAnother(pool, 2);
    expect(clock.now() - start).toBeLessThan(500);
    await oneAfterAnother(pool, 32);
    expect((clock.now() - start) / 1000).toBeCloseTo(32 / (2 * 2 * 0.8), 0);
  });

  test('follows the share of the request', async () => {
    const clock = movingClock();
    const pool = poolOf(clock, source(people.slice(0, 1), { kind: 'limited', capacity: 1, fillRate: 1 }));
    const start = clock.now();
    await oneAfterAnother(pool, 10, { share: 0.1 });
    expect(clock.now() - start).toBe(90_000);
  });

  test('is not held where the server limits nobody', async () => {
    const clock = movingClock();
    const start = clock.now();
    await oneAfterAnother(poolOf(clock, source(people, { kind: 'unlimited' })), 500);
    expect(clock.now()).toBe(start);
  });

  test('is learned once a user whatever number of tokens, now and then again, and soon after a refusal', async () => {
    const clock = movingClock();
    const from = source([...people, { credentialId: 'a2', user: 's/user jane', ownerSlug: 'jane' }], limited);
    const pool = poolOf(clock, from);
    const all = { credentialIds: ['a', 'a2', 'b'] };
    await Promise.all([oneAfterAnother(pool, 2, all), oneAfterAnother(pool, 2, { ...all, purpose: 'rest' })]);
    expect(from.asked).toEqual(['a', 'b']);
    clock.move(300_000);
    await oneAfterAnother(pool, 1, all);
    expect(from.asked).toHaveLength(4);
    const lease = await pool.lease(wanted, signal);
    await lease.report({ throttled: 1 });
    clock.move(6000);
    await oneAfterAnother(pool, 1, all);
    expect(from.asked).toHaveLength(5);
  });

  test('counts what one request became on the wire, and what was asked outside of the pool', async () => {
    const buckets = new Buckets();
    const clock = movingClock();
    const pool = credentialPool({ source: source(people, limited), buckets, clock, chance: () => 0.5 });
    const lease = await pool.lease({ ...wanted, credentialIds: ['a'] }, signal);
    for (const number of [1, 2, 3]) lease.answered(`@N0000${number % 2}x1x${number}x1`);
    await lease.report('ok');
    expect(tokensLeft(buckets.of('s/user jane'), clock.now(), 0.8)).toBe(8 - 3);
    buckets.spent('s/user jane', 2, clock.now());
    expect(tokensLeft(buckets.of('s/user jane'), clock.now(), 0.8)).toBe(8 - 3 - 2);
  });
});

describe('a server that is busy', () => {
  test('is left alone by all requests to it until the pause is over, and others go on', async () => {
    const clock = movingClock();
    const pool = poolOf(clock);
    const [lease] = [await pool.lease({ ...wanted, purpose: 'rest' }, signal)];
    const start = clock.now();
    await lease.report({ busy: 30 });
    await oneAfterAnother(pool, 1, { serverId: 'other' });
    expect(clock.now()).toBe(start);
    await oneAfterAnother(pool, 1);
    expect(clock.now() - start).toBeGreaterThanOrEqual(30_000);
  });

  test('is given up when it asks for more than minutes', async () => {
    const clock = movingClock();
    const pool = poolOf(clock);
    await (await pool.lease(wanted, signal)).report({ busy: 3600 });
    await expect(pool.lease(wanted, signal)).rejects.toMatchObject({ code: 'server-busy', facts: { retryAfterSeconds: 3600 } });
    clock.move(3_600_000);
    await oneAfterAnother(pool, 1);
  });
});

describe('the queue', () => {
  test('keeps the order, is told of long waits, and loses nobody to one who gives up', async () => {
    const waits: number[] = [];
    const held: (() => void)[] = [];
    let now = 0;
    const clock: Clock = { now: () => now, sleep: () => new Promise((resolve) => held.push(resolve)) };
    const pool = credentialPool({ source: source(people.slice(0, 1)), buckets: new Buckets(), clock, chance: () => 0.5 });
    await (await pool.lease(wanted, signal)).report({ throttled: 60 });
    const impatient = new AbortController();
    const order: number[] = [];
    const asked = [1, 2, 3].map((number) =>
      pool
        .lease({ ...wanted, onWait: (until) => waits.push(until) }, number === 2 ? impatient.signal : signal)
        .then((lease) => (order.push(number), lease.report('ok'))),
    );
    while (waits.length < 3) await Promise.resolve();
    expect(waits).toEqual([60_000, 60_000, 60_000]);
    impatient.abort(new Error('enough'));
    await expect(asked[1]).rejects.toThrow('enough');
    now = 61_000;
    for (const wake of held) wake();
    await Promise.all([asked[0], asked[2]]);
    expect(order).toEqual([1, 3]);
  });

  test('forgets a credential that was refused, also for those who wait for it', async () => {
    const clock = movingClock();
    const pool = poolOf(clock, source(people.slice(0, 1)));
    const lease = await pool.lease(wanted, signal);
    const waiting = pool.lease(wanted, signal);
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([lease.report('rejected'), expect(waiting).rejects.toMatchObject({ code: 'not-covered' })]);
  });
});

describe('a request with a lent credential', () => {
  test('stops waiting when it is aborted', async () => {
    const pool = poolOf();
    const impatient = new AbortController();
    const request = async () => {
      throw new AppError('throttled', 'slow down', { facts: { retryAfterSeconds: 3600 } });
    };
    const onWait = () => impatient.abort(new Error('enough'));
    const asked = withLease({ ...wanted, onWait }, request, { pool, clock: systemClock, signal: impatient.signal });
    await expect(asked).rejects.toThrow('enough');
  });

  test('is tried with everybody who may see more, and ends with the last refusal', async () => {
    const from = source();
    const tried: string[] = [];
    const asked = withLease(
      wanted,
      async ({ credentialId }) => {
        tried.push(credentialId);
        throw new AppError(credentialId === 'a' ? 'repo-not-found' : 'token-rejected', credentialId);
      },
      { pool: poolOf(systemClock, from), clock: systemClock, signal },
    );
    await expect(asked).rejects.toMatchObject({ message: 'b' });
    expect(tried).toEqual(['a', 'b']);
    expect(from.rejected).toEqual(['b']);
  });

  test('is not tried again for what another credential cannot mend', async () => {
    const tried: string[] = [];
    const asked = withLease(
      wanted,
      async ({ credentialId }) => {
        tried.push(credentialId);
        throw new AppError('git-corrupt-pack', 'broken');
      },
      { pool: poolOf(), clock: systemClock, signal },
    );
    await expect(asked).rejects.toMatchObject({ code: 'git-corrupt-pack' });
    expect(tried).toEqual(['a']);
  });
});
