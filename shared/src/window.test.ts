import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkWindow, nextStart, windowLength, windowState } from './window.ts';

const at = (text: string) => Date.parse(text);
const nights = { from: '22:00', to: '06:00', timeZone: 'Europe/Warsaw' };
const hour = 3_600_000;

describe('a backup window', () => {
  test('over midnight is open on both sides of it', () => {
    expect(windowState(nights, at('2026-03-10T20:59:59Z'))).toEqual({ open: false, opensAt: at('2026-03-10T21:00:00Z') });
    expect(windowState(nights, at('2026-03-10T21:00:00Z'))).toEqual({ open: true, closesAt: at('2026-03-11T05:00:00Z') });
    expect(windowState(nights, at('2026-03-11T04:59:59Z'))).toEqual({ open: true, closesAt: at('2026-03-11T05:00:00Z') });
    expect(windowState(nights, at('2026-03-11T05:00:00Z'))).toEqual({ open: false, opensAt: at('2026-03-11T21:00:00Z') });
  });

  test.each([
    ['is an hour shorter when clocks are set forward', '2027-03-27T21:00:00Z', 7],
    ['is an hour longer when they are set back', '2027-10-30T20:00:00Z', 9],
  ])('%s', (_, opens, hours) => {
    expect(windowState(nights, at(opens) - 1)).toEqual({ open: false, opensAt: at(opens) });
    expect(windowState(nights, at(opens))).toEqual({ open: true, closesAt: at(opens) + hours * hour });
  });

  test('in the hour that clocks pass over opens on the next day', () => {
    const short = { from: '02:10', to: '02:50', timeZone: 'Europe/Warsaw' };
    expect(windowState(short, at('2027-03-27T12:00:00Z'))).toEqual({ open: false, opensAt: at('2027-03-29T00:10:00Z') });
  });

  test('that is none is refused with the reason', () => {
    expect(() => checkWindow({ ...nights, to: '22:00' })).toThrow('has no length');
    expect(() => checkWindow({ ...nights, timeZone: 'Mars/Base' })).toThrow('“Mars/Base” is not a time zone');
    checkWindow(nights);
  });

  test('says when it changes, and does not change before', () => {
    const time = fc.integer({ min: 0, max: 1439 }).map((minutes) => new Date(minutes * 60_000).toISOString().slice(11, 16));
    const zone = fc.constantFrom('UTC', 'Europe/Warsaw', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Chatham');
    const instant = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') });
    fc.assert(
      fc.property(
        fc.record({ from: time, to: time, timeZone: zone }),
        instant,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (window, now, part) => {
          fc.pre(window.from !== window.to);
          const state = windowState(window, now);
          const until = state.open ? (state.closesAt ?? 0) : state.opensAt;
          expect(until).toBeGreaterThan(now);
          expect(windowState(window, until).open).toBe(!state.open);
          expect(windowState(window, now + Math.floor((until - now) * part * 0.999)).open).toBe(state.open);
          // Neither longer nor shorter than clocks can make it.
          const longest = state.open ? windowLength(window) + hour : 2 * 25 * hour;
          expect(until - now).toBeLessThanOrEqual(longest);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('without one it is always open', () => {
    expect(windowState(null, 0)).toEqual({ open: true, closesAt: null });
  });
});

describe('the next start', () => {
  const evening = { schedule: { cron: '0 20 * * *', timeZone: 'Europe/Warsaw' }, window: nights };

  test('waits for the window', () => {
    expect(nextStart(evening, at('2026-03-10T12:00:00Z'), false)).toBe(at('2026-03-10T21:00:00Z'));
    expect(nextStart({ ...evening, window: null }, at('2026-03-10T12:00:00Z'), false)).toBe(at('2026-03-10T19:00:00Z'));
  });

  test('of what was paused is when the window opens, schedule or not', () => {
    expect(nextStart({ schedule: null, window: nights }, at('2026-03-10T12:00:00Z'), true)).toBe(at('2026-03-10T21:00:00Z'));
    expect(nextStart({ schedule: null, window: nights }, at('2026-03-10T12:00:00Z'), false)).toBeNull();
  });
});
