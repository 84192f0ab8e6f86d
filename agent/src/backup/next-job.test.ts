import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextLine, type JobLine } from './next-job.ts';

const line = (over: Partial<JobLine> = {}): JobLine => ({ users: 2, readyAt: 0, busy: 0, first: 0, doneBefore: false, ...over });
const now = 1000;

test('what one user alone can serve is begun before what several can', () => {
  const lone = line({ users: 1, first: 200 });
  expect(nextLine([line({ users: 3 }), lone], now)).toBe(lone);
});

test('a user that is busy with one job and has nothing to spare is given no second one', () => {
  const other = line({ users: 3, first: 200 });
  expect(nextLine([line({ users: 1, readyAt: now + 100, busy: 1 }), other], now)).toBe(other);
});

test('a user of whom nothing is under way is kept busy, though it has nothing to spare at this moment', () => {
  const lone = line({ users: 1, readyAt: now + 100, first: 200 });
  expect(nextLine([line({ users: 3 }), lone], now)).toBe(lone);
});

test('of a user that is refused for long nothing is begun while others can go on', () => {
  const other = line({ users: 3, first: 200 });
  expect(nextLine([line({ users: 1, readyAt: now + 60_000 }), other], now)).toBe(other);
});

test('what the paused run did not come to is begun before what it did', () => {
  const left = line({ users: 3, first: 0 });
  expect(nextLine([line({ users: 1, first: 9, doneBefore: true }), left], now)).toBe(left);
});

test('where all wait, the first that will be served is begun', () => {
  const first = line({ readyAt: now + 10_000, first: 7 });
  expect(nextLine([line({ readyAt: Infinity, users: 0 }), line({ readyAt: now + 20_000 }), first], now)).toBe(first);
});

test('as long as a line waits, one is begun, and its job could go on if any could', () => {
  const anyLine = fc.record({
    users: fc.nat(4),
    readyAt: fc.constantFrom(0, now, now + 1, now + 5000, Infinity),
    busy: fc.nat(3),
    first: fc.nat(100),
    doneBefore: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(anyLine, { minLength: 1 }), (lines) => {
      const chosen = nextLine(lines, now);
      expect(lines).toContain(chosen);
      const served = lines.some(({ readyAt }) => readyAt <= now);
      expect(served && (chosen?.readyAt ?? Infinity) > now + 2000).toBe(false);
    }),
  );
});
