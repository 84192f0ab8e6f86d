import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foundBusy, foundWell, pausesForLong, notBusy, tried } from './backoff.ts';

const chance = fc.double({ min: 0, max: 0.999, noNaN: true });

test('a busy server is spared twice as long each time, with some chance in it, and never less than it asks', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ chance, seconds: fc.option(fc.integer({ min: 0, max: 30 })) }), { maxLength: 8 }), (answers) => {
      let [backoff, now] = [notBusy, 1000];
      for (const [index, { chance, seconds }] of answers.entries()) {
        backoff = foundBusy(backoff, { now, takenAt: now, seconds, chance });
        const wait = Math.min(60_000, 1000 * 2 ** index);
        expect(backoff.until - now).toBeGreaterThanOrEqual(Math.max(wait / 2, (seconds ?? 0) * 1000) - 1e-6);
        expect(backoff.until - now).toBeLessThanOrEqual(Math.max(wait, (seconds ?? 0) * 1000) + 1e-6);
        now = backoff.until;
      }
    }),
  );
});

test('answers to requests that went out together count as one, and an older success does not end the pause', () => {
  const once = foundBusy(notBusy, { now: 100, takenAt: 50, seconds: null, chance: 0.5 });
  expect(foundBusy(once, { now: 120, takenAt: 60, seconds: null, chance: 0.5 })).toEqual(once);
  expect(foundBusy(once, { now: 120, takenAt: 60, seconds: 9, chance: 0.5 }).until).toBe(9120);
  expect(foundWell(once, 60)).toEqual(once);
  expect(foundWell(once, once.until)).toEqual(notBusy);
});

test('after a pause one goes alone; a server that stays busy is tried once by each that comes, and one that asks for long is not waited for', () => {
  let [backoff, now] = [notBusy, 0];
  while (now <= 300_000) {
    backoff = foundBusy(backoff, { now, takenAt: now, seconds: null, chance: 0.5 });
    expect(tried(backoff, backoff.until).until).toBe(backoff.until + 10_000);
    now = backoff.until + 1;
  }
  backoff = foundBusy(backoff, { now, takenAt: now, seconds: null, chance: 0.5 });
  expect(backoff.until - now).toBeLessThanOrEqual(5000);
  expect(pausesForLong(backoff, now)).toBe(false);
  expect(pausesForLong(foundBusy(notBusy, { now, takenAt: now, seconds: 301, chance: 0.5 }), now)).toBe(true);
  expect(tried(notBusy, now)).toEqual(notBusy);
});
