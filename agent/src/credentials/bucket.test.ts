import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bucket, isStale, limitOf, newBucket, readyAt, refuse, take, tell, tokensLeft } from './bucket.ts';

/** A server with one user: a bucket for each node, and requests that go round. */
function server(limit: { capacity: number; fillRate: number; nodes?: number }) {
  let at = 0;
  let turn = 0;
  const nodes = Array.from({ length: limit.nodes ?? 1 }, () => limit.capacity);
  return {
    limit,
    /** Seconds to wait when it refuses. */
    ask: (now: number): number | null => {
      const back = ((now - at) / 1000) * limit.fillRate;
      at = now;
      for (const [node, tokens] of nodes.entries()) nodes[node] = Math.min(limit.capacity, tokens + back);
      const node = (turn += 1) % nodes.length;
      const left = nodes[node] ?? 0;
      if (left < 1) return Math.max(1, Math.ceil((1 - left) / limit.fillRate));
      nodes[node] = left - 1;
      return null;
    },
  };
}

/** Asks as fast as the bucket is believed to allow, from `from` to `to` (milliseconds). */
function drive(bucket: Bucket, { ask }: ReturnType<typeof server>, { from, to, share }: { from: number; to: number; share: number }) {
  let [accepted, refused] = [0, 0];
  for (let now = from; now < to;) {
    const ready = readyAt(bucket, now, share);
    if (ready > now) {
      now = ready;
      continue;
    }
    bucket = take(bucket, { now, share, turn: 1 });
    const seconds = ask(now);
    if (seconds === null) accepted += 1;
    else {
      refused += 1;
      bucket = refuse(bucket, { now, takenAt: now, seconds, share });
    }
    // An unlimited one is asked a thousand times a second.
    if (limitOf(bucket).fillRate === Infinity) now += 1;
    // The answer takes its time, so that a refusal is known before the next request.
    else now += 0.01;
  }
  return { bucket, accepted, refused, rate: (accepted / (to - from)) * 1000 };
}

const anyLimit = fc.record({ capacity: fc.integer({ min: 2, max: 200 }), fillRate: fc.integer({ min: 1, max: 60 }) });
const anyShare = fc.constantFrom(0.3, 0.5, 0.8, 1);
const minute = 60_000;

describe('a user whose limit the server tells', () => {
  test('is used to our share of it and no more, and is never refused', () => {
    fc.assert(
      fc.property(anyLimit, anyShare, (limit, share) => {
        const run = drive(tell(newBucket, { kind: 'limited', ...limit }, 0), server(limit), { from: 0, to: minute, share });
        // All of it is more than can be known exactly.
        expect(run.refused).toBeLessThanOrEqual(share === 1 ? 1 + run.accepted / 100 : 0);
        const most = Math.max(1, limit.capacity * share) + limit.fillRate * share * 60;
        expect(run.accepted).toBeLessThanOrEqual(most + 1);
        // Whoever is refused goes slower for a while.
        const least = run.refused === 0 ? 0.97 * limit.fillRate * share * 60 - 1 : 1;
        expect(run.accepted).toBeGreaterThanOrEqual(least);
      }),
      { numRuns: 60 },
    );
  });

  test('is used faster at once when an administrator allows more or switches limits off, and slower when less', () => {
    const limit = { capacity: 60, fillRate: 5 };
    const before = drive(tell(newBucket, { kind: 'limited', ...limit }, 0), server(limit), { from: 0, to: minute, share: 0.8 });
    expect(isStale(before.bucket, minute)).toBe(false);
    expect(isStale(before.bucket, 5 * minute)).toBe(true);
    const more = { capacity: 120, fillRate: 10 };
    const told = tell(before.bucket, { kind: 'limited', ...more }, minute);
    expect(drive(told, server(more), { from: minute, to: 2 * minute, share: 0.8 }).rate).toBeGreaterThan(7.8);
    expect(tokensLeft(tell(before.bucket, { kind: 'unlimited' }, minute), minute, 0.1)).toBe(Infinity);
    const less = tell(before.bucket, { kind: 'limited', capacity: 10, fillRate: 1 }, minute);
    expect(tokensLeft(less, minute, 0.8)).toBeLessThanOrEqual(8);
  });

  test('but who is refused all the same, because others use the account, is used less, then as before', () => {
    const busy = server({ capacity: 60, fillRate: 2 });
    const told = tell(newBucket, { kind: 'limited', capacity: 60, fillRate: 5 }, 0);
    const first = drive(told, busy, { from: 0, to: 5 * minute, share: 0.8 });
    const then = drive(first.bucket, busy, { from: 5 * minute, to: 15 * minute, share: 0.8 });
    expect(then.rate).toBeGreaterThan(0.85 * 1.6);
    expect(then.refused / then.accepted).toBeLessThan(0.05);
    busy.limit.fillRate = 5;
    expect(drive(then.bucket, busy, { from: 15 * minute, to: 60 * minute, share: 0.8 }).rate).toBeGreaterThan(3.5);
  });
});

describe('a user whose limit nobody tells', () => {
  test('is found out and then used steadily, near our share, with hardly a refusal', () => {
    fc.assert(
      fc.property(
        // A bucket that holds less than two seconds of its rate overflows while its refusals are waited out.
        fc.record({ seconds: fc.integer({ min: 2, max: 30 }), fillRate: fc.integer({ min: 1, max: 40 }) }),
        fc.constantFrom(0.5, 0.8, 1),
        ({ seconds, fillRate }, share) => {
          const limit = { capacity: seconds * fillRate, fillRate };
          const found = drive(newBucket, server(limit), { from: 0, to: 6 * minute, share });
          const steady = drive(found.bucket, server(limit), { from: 6 * minute, to: 26 * minute, share });
          expect(steady.rate).toBeGreaterThan(0.85 * limit.fillRate * share);
          expect(steady.refused / steady.accepted).toBeLessThan(0.05);
        },
      ),
      { numRuns: 40 },
    );
  });
});
