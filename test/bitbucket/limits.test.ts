import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { User } from './model.ts';
import { RateLimits } from './limits.ts';
import { pageOf } from './paging.ts';

const user = { id: 1, name: 'alice' } as User;

test('a user gets the capacity at once and the fill rate after it, on each node', () => {
  const bucket = {
    capacity: fc.integer({ min: 1, max: 20 }),
    fillRate: fc.integer({ min: 1, max: 5 }),
    nodes: fc.integer({ min: 1, max: 3 }),
  };
  fc.assert(
    fc.property(fc.record(bucket), fc.integer({ min: 0, max: 10 }), ({ capacity, fillRate, nodes }, seconds) => {
      let now = 0;
      const limits = new RateLimits({ now: () => now, sleep: () => Promise.resolve() }, { enabled: true, capacity, fillRate, nodes });
      const granted = () =>
        Array.from({ length: nodes * (capacity + 5) }, () => limits.take(user, limits.nextNode())).filter((wait) => wait === undefined)
          .length;
      expect(granted()).toBe(nodes * capacity);
      now += seconds * 1000;
      expect(granted()).toBe(nodes * Math.min(capacity, seconds * fillRate));
    }),
  );
});

test('waiting as long as Retry-After says is enough', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 9 }), (capacity, fillRate) => {
      let now = 0;
      const limits = new RateLimits({ now: () => now, sleep: () => Promise.resolve() }, { enabled: true, capacity, fillRate });
      let wait = limits.take(user, 0);
      while (wait === undefined) wait = limits.take(user, 0);
      now += wait * 1000;
      expect(limits.take(user, 0)).toBeUndefined();
    }),
  );
});

test('following nextPageStart gives every value once, whatever limit is asked', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer(), { maxLength: 60 }),
      fc.integer({ min: 0, max: 2000 }),
      fc.integer({ min: 1, max: 30 }),
      (all, limit, most) => {
        const collected: number[] = [];
        for (let start: number | undefined = 0; start !== undefined;) {
          const page: ReturnType<typeof pageOf<number>> = pageOf(
            all,
            new URLSearchParams({ start: String(start), limit: String(limit) }),
            most,
          );
          expect(page.isLastPage).toBe(page.nextPageStart === undefined);
          expect(page.size).toBeLessThanOrEqual(most);
          collected.push(...page.values);
          start = page.nextPageStart;
        }
        expect(collected).toEqual(all);
      },
    ),
  );
});
