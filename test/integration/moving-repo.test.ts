import { expect, test } from 'vitest';
import { liveDays } from '../soak/days.ts';

/** By hand, for 1 to 16 January 2026, a Thursday to a Friday, with quiet Sundays on the 4th and the 11th. */
const kept = [
  '2026-01-16', // daily 1, weekly 1, monthly 1
  '2026-01-15', // daily 2
  '2026-01-14', // daily 3
  '2026-01-10', // weekly 2: the Saturday before a quiet Sunday
  '2026-01-01', // the oldest, as there is one month only
];

test('a moving repo backed up day by day leaves what the rules keep, in few bytes and few bundles, and each comes back as it was', async () => {
  const left = await liveDays({ days: 16, commits: 40, keep: { daily: 3, weekly: 2, monthly: 2 }, lookEvery: 4 });
  expect(left).toMatchObject({ kept, there: kept, wrong: [], failed: [], fulls: 0 });
  expect(left.mostBundles).toBeLessThanOrEqual(12);
  // In so small a repo the signed lists of runs weigh as much as what changed.
  expect(left.stored).toBeLessThan(1.5 * (left.freshFull + left.changed));
});
