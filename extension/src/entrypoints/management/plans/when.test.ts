import { describe, expect, test } from 'vitest';
import { cronOf, scheduleText, usualWhen, whenKinds, whenOf } from './when.ts';

describe('when a plan runs', () => {
  test.for(whenKinds)('%s survives being stored as cron', (kind) => {
    const when = { ...usualWhen, kind, time: '23:05', weekday: 3, cron: '*/7 1 * * *' };
    const read = whenOf(cronOf(when));
    expect(read.kind).toBe(kind);
    expect(cronOf(read)).toBe(cronOf(when));
  });

  test.for([
    ['0 2 * * *', 'every day at 02:00'],
    ['30 23 * * 1-5', 'Monday to Friday at 23:30'],
    ['0 4 * * 0', 'every Sunday at 04:00'],
    ['0 4 * * 7', 'every Sunday at 04:00'],
    ['0 */6 * * *', 'every 6 hours'],
    ['0  2 * *  *', 'every day at 02:00'],
    ['0 25 * * *', 'cron 0 25 * * *'],
    ['0 2 1 * *', 'cron 0 2 1 * *'],
  ] as const)('%s reads as “%s”', ([cron, words]) => {
    expect(scheduleText(cron)).toBe(words);
  });

  test('no cron is by hand', () => {
    expect(scheduleText(null)).toBe('only by hand');
  });
});
