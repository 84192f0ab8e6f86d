import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Buckets } from './buckets.ts';
import { type Bucket, type Candidate, choose, readyAt, tokensLeft, usualBucket } from './choose.ts';

const bucket = fc.record({
  capacity: fc.integer({ min: 1, max: 100 }),
  fillRate: fc.integer({ min: 0, max: 10 }),
  learned: fc.boolean(),
  tokens: fc.integer({ min: -50, max: 100 }),
  at: fc.integer({ min: 0, max: 100_000 }),
  parkedUntil: fc.integer({ min: 0, max: 200_000 }),
  turn: fc.integer({ min: 0, max: 50 }),
});
const world = fc.record({
  buckets: fc.array(bucket, { maxLength: 6 }),
  /** How many tokens each user has. */
  tokens: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 6, maxLength: 6 }),
  now: fc.integer({ min: 0, max: 200_000 }),
});

function candidatesOf(buckets: readonly Bucket[], tokens: readonly number[]): Candidate[] {
  return buckets.flatMap((_, user) =>
    Array.from({ length: tokens[user] ?? 1 }, (__, token) => ({ credentialId: `u${user}t${token}`, user: `u${user}` })),
  );
}

const lookUp =
  (buckets: readonly Bucket[]) =>
  (user: string): Bucket =>
    buckets[Number(user.slice(1))] ?? usualBucket;

const leftOf = (one: Bucket | undefined, now: number): number | undefined => one && Math.floor(tokensLeft(one, now));

describe('choosing a credential', () => {
  test('never takes a user who is parked, and takes one with most requests left', () => {
    fc.assert(
      fc.property(world, ({ buckets, tokens, now }) => {
        const choice = choose(candidatesOf(buckets, tokens), lookUp(buckets), now);
        const ready = buckets.filter((one) => readyAt(one, now) <= now);
        const chosen = choice.kind === 'lease' ? lookUp(buckets)(choice.candidate.user) : undefined;
        const most = ready.toSorted((a, b) => tokensLeft(b, now) - tokensLeft(a, now))[0];
        expect(chosen === undefined).toBe(most === undefined);
        expect(chosen?.parkedUntil ?? 0).toBeLessThanOrEqual(now);
        expect(leftOf(chosen, now)).toBe(leftOf(most, now));
      }),
    );
  });

  test('waits, when all are parked, exactly until one can be chosen', () => {
    fc.assert(
      fc.property(world, ({ buckets, tokens, now }) => {
        const candidates = candidatesOf(buckets, tokens);
        const choice = choose(candidates, lookUp(buckets), now);
        if (choice.kind !== 'wait') return;
        expect(choice.until).toBeGreaterThan(now);
        // A fraction of a request can be missing to a float; a moment later it is there.
        expect(choose(candidates, lookUp(buckets), choice.until + 1).kind).toBe('lease');
      }),
    );
  });

  test('does not depend on how many tokens a user has', () => {
    fc.assert(
      fc.property(world, ({ buckets, tokens, now }) => {
        const many = choose(candidatesOf(buckets, tokens), lookUp(buckets), now);
        const one = choose(
          candidatesOf(
            buckets,
            tokens.map(() => 1),
          ),
          lookUp(buckets),
          now,
        );
        expect(many).toEqual(one);
      }),
    );
  });

  test('spreads requests evenly over users, however many tokens each has', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 40 }),
        (tokens, rounds) => {
          const buckets = new Buckets();
          const served = tokens.map(() => 0);
          const candidates = candidatesOf(
            tokens.map(() => usualBucket),
            tokens,
          );
          for (let n = 0; n < rounds * tokens.length; n += 1) {
            const choice = choose(candidates, (user) => buckets.of(user), n);
            if (choice.kind !== 'lease') throw new Error('nobody');
            const user = Number(choice.candidate.user.slice(1));
            served[user] = (served[user] ?? 0) + 1;
            buckets.take(choice.candidate.user, n);
          }
          expect(Math.max(...served) - Math.min(...served)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  test('takes turns among users of whom all have plenty', () => {
    const buckets = new Buckets();
    const candidates = candidatesOf([usualBucket, usualBucket, usualBucket], [1, 2, 1]);
    for (const { user } of candidates) buckets.learn(user, { kind: 'unlimited' }, 0);
    const served: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      const choice = choose(candidates, (user) => buckets.of(user), 0);
      if (choice.kind !== 'lease') throw new Error('nobody');
      served.push(choice.candidate.user);
      buckets.take(choice.candidate.user, 0);
    }
    expect(served).toEqual(['u0', 'u1', 'u2', 'u0', 'u1', 'u2']);
  });

  test('says so when there is nobody to choose from', () => {
    expect(choose([], () => usualBucket, 0)).toEqual({ kind: 'none' });
  });
});

describe('what is known of a user', () => {
  test('is taken over from the server, and forgotten when a refusal shows it wrong', () => {
    const buckets = new Buckets();
    buckets.learn('jane', { kind: 'limited', capacity: 3, fillRate: 1 }, 0);
    for (let n = 0; n < 3; n += 1) buckets.take('jane', 0);
    expect(choose([{ credentialId: 'a', user: 'jane' }], (user) => buckets.of(user), 0)).toEqual({ kind: 'wait', until: 1000 });
    buckets.learn('ben', { kind: 'unlimited' }, 0);
    expect(buckets.park('ben', 5000, 0)).toBe(true);
    expect(buckets.park('ben', 4000, 0)).toBe(false);
    expect(buckets.parkedUntil('ben', 4999)).toBe(5000);
    expect(buckets.parkedUntil('ben', 5000)).toBeNull();
    expect(choose([{ credentialId: 'b', user: 'ben' }], (user) => buckets.of(user), 5000).kind).toBe('lease');
  });
});
