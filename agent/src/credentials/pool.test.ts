import { describe, expect, test } from 'vitest';
import { AppError } from '@gitprotect/shared/errors';
import { type Clock, systemClock } from '../lib/clock.ts';
import { Secret } from '../lib/secret.ts';
import { Buckets } from './buckets.ts';
import { credentialPool, type LeaseRequest, type PoolCredential, type PoolSource } from './pool.ts';
import { withLease } from './with-lease.ts';

const { signal } = new AbortController();
const wanted: LeaseRequest = { serverId: 's', projectId: 'p', credentialIds: ['a', 'b'], purpose: 'git' };
const people: readonly PoolCredential[] = [
  { credentialId: 'a', user: 's/user jane', ownerSlug: 'jane' },
  { credentialId: 'b', user: 's/user ben', ownerSlug: 'ben' },
];

function source(credentials = people): PoolSource & { readonly rejected: string[] } {
  const rejected: string[] = [];
  return {
    rejected,
    candidates: async ({ credentialIds }) =>
      credentials.filter(({ credentialId }) => credentialIds.includes(credentialId) && !rejected.includes(credentialId)),
    secret: async (id) => new Secret(`CANARY-${id}`),
    markRejected: async (id) => void rejected.push(id),
    markUsed: async () => {},
  };
}

const poolOf = (clock: Clock = systemClock, from = source()) =>
  credentialPool({ source: from, buckets: new Buckets(), clock, atOnce: { rest: 2, git: 1 } });

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
    const lease = await pool.lease(wanted, signal);
    await lease.report({ throttled: 10 });
    await (await pool.lease(wanted, signal)).report({ throttled: 20 });
    await expect(pool.lease(wanted, signal)).rejects.toMatchObject({ code: 'throttled', facts: { until: expect.any(Number) } });
  });
});

describe('a request with a lent credential', () => {
  test('stops waiting when it is aborted', async () => {
    const pool = poolOf();
    const impatient = new AbortController();
    const request = async () => {
      throw new AppError('throttled', 'slow down', { facts: { retryAfterSeconds: 3600 } });
    };
    const asked = withLease(wanted, request, {
      pool,
      clock: systemClock,
      signal: impatient.signal,
      onWait: () => impatient.abort(new Error('enough')),
    });
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
