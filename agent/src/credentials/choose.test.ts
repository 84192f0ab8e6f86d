import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bucket, newBucket, readyAt, tokensLeft } from './bucket.ts';
import { Buckets } from './buckets.ts';
import { type PoolCredential, choose, decide, type Want } from './choose.ts';

const bucket = fc
  .record({
    capacity: fc.integer({ min: 1, max: 100 }),
    fillRate: fc.integer({ min: 1, max: 10 }),
    tokens: fc.integer({ min: -50, max: 100 }),
    at: fc.integer({ min: 0, max: 100_000 }),
    parkedUntil: fc.integer({ min: 0, max: 200_000 }),
    turn: fc.integer({ min: 0, max: 50 }),
  })
  .map(({ capacity, fillRate, ...rest }): Bucket => ({ ...newBucket, ...rest, told: { kind: 'limited', capacity, fillRate } }));
const share = fc.constantFrom(0.1, 0.5, 0.8, 1);
const now = fc.integer({ min: 0, max: 200_000 });
const world = fc.record({
  buckets: fc.array(bucket, { maxLength: 6 }),
  /** How many tokens each user has. */
  tokens: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 6, maxLength: 6 }),
  share,
  now,
});

function candidatesOf(buckets: readonly unknown[], tokens: readonly number[]): PoolCredential[] {
  return buckets.flatMap((_, user) =>
    Array.from({ length: tokens[user] ?? 1 }, (__, token) => ({ credentialId: `u${user}t${token}`, user: `u${user}`, ownerSlug: null })),
  );
}

const lookUp =
  (buckets: readonly Bucket[]) =>
  (user: string): Bucket =>
    buckets[Number(user.slice(1))] ?? newBucket;

describe('choosing a credential', () => {
  test('never takes a user who is parked or empty, and takes one with most requests left', () => {
    fc.assert(
      fc.property(world, ({ buckets, tokens, share, now }) => {
        const choice = choose({ candidates: candidatesOf(buckets, tokens), share }, { bucketOf: lookUp(buckets), now });
        const left = (one: Bucket | undefined) => one && Math.floor(tokensLeft(one, now, share));
        const ready = buckets.filter((one) => readyAt(one, now, share) <= now);
        const chosen = choice.kind === 'lease' ? lookUp(buckets)(choice.candidate.user) : undefined;
        const most = ready.toSorted((a, b) => tokensLeft(b, now, share) - tokensLeft(a, now, share))[0];
        expect(left(chosen)).toBe(left(most));
        expect(chosen?.parkedUntil ?? 0).toBeLessThanOrEqual(now);
        expect(left(chosen) ?? 1).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test('waits, when nobody can serve, exactly until one can', () => {
    fc.assert(
      fc.property(world, ({ buckets, tokens, share, now }) => {
        const want = { candidates: candidatesOf(buckets, tokens), share };
        const choice = choose(want, { bucketOf: lookUp(buckets), now });
        if (choice.kind !== 'wait') return;
        expect(choice.until).toBeGreaterThan(now);
        // A fraction of a request can be missing to a float; a moment later it is there.
        expect(choose(want, { bucketOf: lookUp(buckets), now: choice.until + 1 }).kind).toBe('lease');
        expect(choose(want, { bucketOf: lookUp(buckets), now: Math.max(now, choice.until - 2) }).kind).toBe('wait');
      }),
    );
  });

  test('does not depend on how many tokens a user has', () => {
    fc.assert(
      fc.property(world, ({ buckets, tokens, share, now }) => {
        const known = { bucketOf: lookUp(buckets), now };
        const once = tokens.map(() => 1);
        const one = choose({ candidates: candidatesOf(buckets, once), share }, known);
        expect(choose({ candidates: candidatesOf(buckets, tokens), share }, known)).toEqual(one);
      }),
    );
  });

  test('spreads requests evenly over users, however many tokens each has, and takes turns where all have plenty', () => {
    const unlimited = fc.boolean();
    const tokensOfUsers = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(tokensOfUsers, fc.integer({ min: 1, max: 8 }), unlimited, (tokens, rounds, unlimited) => {
        const buckets = new Buckets();
        const candidates = candidatesOf(tokens, tokens);
        if (unlimited) for (const { user } of candidates) buckets.learn(user, { kind: 'unlimited' }, 0);
        const served = tokens.map(() => 0);
        for (let n = 0; n < rounds * tokens.length; n += 1) {
          const choice = choose({ candidates, share: 0.8 }, { bucketOf: (user) => buckets.of(user), now: n });
          if (choice.kind !== 'lease') throw new Error('nobody');
          const user = Number(choice.candidate.user.slice(1));
          served[user] = (served[user] ?? 0) + 1;
          buckets.take(choice.candidate.user, n, 0.8);
        }
        expect(Math.max(...served) - Math.min(...served)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('says so when there is nobody to choose from', () => {
    expect(choose({ candidates: [], share: 1 }, { bucketOf: () => newBucket, now: 0 })).toEqual({ kind: 'none' });
  });
});

describe('the queue of a server', () => {
  const queue = fc.record({
    buckets: fc.array(bucket, { minLength: 1, maxLength: 4 }),
    /** The users who could serve each waiting request. */
    wants: fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
    share,
    now,
  });
  const wantsOf = (wants: readonly (readonly number[])[], share: number): Want[] =>
    wants.map((users) => ({ share, candidates: users.map((user) => ({ credentialId: `c${user}`, user: `u${user}`, ownerSlug: null })) }));
  const usersOf = ({ candidates }: Want) =>
    candidates
      .map(({ user }) => user)
      .toSorted()
      .join();

  test('is served in order among requests that the same users could serve, and nobody is lent who cannot afford it', () => {
    fc.assert(
      fc.property(queue, ({ buckets, wants, share, now }) => {
        const waiting = wantsOf(wants, share);
        const decision = decide(waiting, { bucketOf: lookUp(buckets), now });
        if (decision.kind !== 'lend') return;
        const equals = waiting.filter((want) => usersOf(want) === usersOf(decision.want));
        expect(equals[0]).toBe(decision.want);
        expect(readyAt(lookUp(buckets)(decision.candidate.user), now, share)).toBeLessThanOrEqual(now);
        expect(decision.want.candidates).toContain(decision.candidate);
      }),
    );
  });

  test('never leaves a request waiting for more than a moment while a user could serve it', () => {
    fc.assert(
      fc.property(queue, ({ buckets, wants, share, now }) => {
        const waiting = wantsOf(wants, share);
        const decision = decide(waiting, { bucketOf: lookUp(buckets), now });
        const ready = (want: Want) => want.candidates.some(({ user }) => readyAt(lookUp(buckets)(user), now, share) <= now);
        if (decision.kind === 'lend') return;
        expect(decision.until).toBeGreaterThan(now);
        expect(decision.until - now).toBeLessThanOrEqual(waiting.some(ready) ? 2000 : Infinity);
      }),
    );
  });

  test('lends one who is alone to whom only this one can serve, when the other has somebody else soon', () => {
    const buckets = new Buckets();
    for (const user of ['u0', 'u1']) buckets.learn(user, { kind: 'limited', capacity: 1, fillRate: 1 }, 0);
    buckets.take('u1', 0, 1);
    const waiting = wantsOf([[0, 1], [0]], 1);
    const known = { bucketOf: (user: string) => buckets.of(user), now: 0 };
    expect(decide(waiting, known)).toMatchObject({ kind: 'lend', want: waiting[1] });
    // Parked for long, the other one is no help.
    buckets.refuse('u1', { now: 0, takenAt: 0, seconds: 60, share: 1 });
    expect(decide(waiting, known)).toMatchObject({ kind: 'lend', want: waiting[0], candidate: { user: 'u0' } });
  });
});
