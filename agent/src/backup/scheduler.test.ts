import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentLog } from '../lib/log.ts';
import { isDue, startDue } from './scheduler.ts';

const nightly = { cron: '0 2 * * *', timeZone: 'Europe/Warsaw' };
const at = (text: string) => Date.parse(text);
const plan = (lastDueAt: string | null) => ({ schedule: nightly, window: null, createdAt: '2026-03-01T00:00:00.000Z', lastDueAt });

describe('the schedule', () => {
  test('starts a plan in the minute it comes due', () => {
    expect(isDue(plan('2026-03-09T01:00:00.000Z'), at('2026-03-10T00:59:59Z'), false)).toEqual({ due: false });
    expect(isDue(plan('2026-03-09T01:00:00.000Z'), at('2026-03-10T01:00:30Z'), false)).toEqual({ due: true, trigger: 'schedule' });
  });

  test('catches up once after three days of sleep, however many times were missed', () => {
    const now = at('2026-03-13T09:00:00Z');
    expect(isDue(plan('2026-03-10T01:00:00.000Z'), now, false)).toEqual({ due: true, trigger: 'catch-up' });
    expect(isDue(plan('2026-03-13T09:00:00.000Z'), now + 60_000, false)).toEqual({ due: false });
  });

  test('runs the 02:30 job on the day that has no 02:30', () => {
    const spring = {
      schedule: { cron: '30 2 * * *', timeZone: 'Europe/Warsaw' },
      window: null,
      createdAt: '2027-03-01T00:00:00.000Z',
      lastDueAt: '2027-03-27T01:30:00.000Z',
    };
    expect(isDue(spring, at('2027-03-28T01:05:00Z'), false).due).toBe(true);
  });

  test('runs the 02:30 job once on the day that has two of them', () => {
    const autumn = {
      schedule: { cron: '30 2 * * *', timeZone: 'Europe/Warsaw' },
      window: null,
      createdAt: '2027-10-01T00:00:00.000Z',
      lastDueAt: '2027-10-31T00:30:00.000Z',
    };
    expect(isDue(autumn, at('2027-10-31T01:30:30Z'), false).due).toBe(false);
  });

  test('goes on when the clock was set back by a year', async () => {
    let now = at('2026-03-10T00:59:30Z');
    let stored = {
      ...plan('2027-03-10T01:00:00.000Z'),
      id: 'plan_a',
      name: 'Nightly',
      projectIds: [],
      share: 80,
      keep: {},
      additional: { enabled: false, credentialIds: [] },
      leaveOut: [],
      copyTo: null,
    };
    const started: string[] = [];
    const parts = {
      plans: { list: async () => [stored], started: async (_id: string, lastDueAt: string) => void (stored = { ...stored, lastDueAt }) },
      start: async (id: string) => started.push(id),
      paused: async () => false,
      clock: { now: () => now, sleep: async () => {} },
      log: silentLog,
    };
    await startDue(parts);
    expect(started).toEqual([]);
    now += 60_000;
    await startDue(parts);
    expect(started).toEqual(['plan_a']);
  });

  describe('with a window', () => {
    const nights = { ...plan('2026-03-09T21:00:00.000Z'), window: { from: '22:00', to: '06:00', timeZone: 'Europe/Warsaw' } };
    const early = { ...nights, schedule: { cron: '0 20 * * *', timeZone: 'Europe/Warsaw' } };

    test('holds back what comes due before it until it opens, and does not call that late', () => {
      expect(isDue(early, at('2026-03-10T19:00:30Z'), false)).toEqual({ due: false });
      expect(isDue(early, at('2026-03-10T21:00:30Z'), false)).toEqual({ due: true, trigger: 'schedule' });
    });

    test('takes up what was paused when it opens, by day never', () => {
      const since = { ...nights, lastDueAt: '2026-03-10T01:00:00.000Z' };
      expect(isDue(since, at('2026-03-10T12:00:00Z'), true)).toEqual({ due: false });
      expect(isDue(since, at('2026-03-10T21:00:00Z'), true)).toEqual({ due: true, trigger: 'resume' });
      expect(isDue(since, at('2026-03-11T01:00:00Z'), true)).toEqual({ due: true, trigger: 'schedule' });
    });
  });

  test('never starts by itself without a schedule', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (now) => {
        const byHand = { schedule: null, window: null, createdAt: '2026-01-01T00:00:00.000Z', lastDueAt: null };
        expect(isDue(byHand, now, false)).toEqual({ due: false });
      }),
    );
  });
});
