import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { Keep } from './plan.ts';
import { type Candidate, judge, keepRules, keepWords, type Policy, type Standing } from './retention.ts';

const now = Date.parse('2026-06-30T12:00:00Z');

/** Snapshots in the order they were taken, numbered from 1. */
function taken(...times: string[]): Candidate[] {
  return times.map((takenAt, index) => ({
    id: String(index + 1).padStart(8, '0'),
    takenAt: new Date(takenAt).toISOString(),
    good: true,
    held: null,
    vouched: true,
  }));
}

const policy = (keep: Keep, timeZone = 'UTC', plan = 'Nightly'): Policy => ({ plan, keep, timeZone });
const standing = (policies: readonly Policy[], more: Partial<Standing> = {}): Standing => ({
  policies,
  there: true,
  guard: null,
  now,
  ...more,
});

/** What stays, by number: the phrases why. */
function kept(snapshots: readonly Candidate[], around: Standing): Record<number, string> {
  const stays = judge(snapshots, around).filter(({ keep }) => keep);
  return Object.fromEntries(stays.map(({ id, because }) => [Number(id), because.join(', ')]));
}

describe('rules', () => {
  test.each<[string, Keep, string, string[], Record<number, string>]>([
    [
      'keep the latest',
      { last: 2 },
      'UTC',
      ['2026-06-01T02:00Z', '2026-06-02T02:00Z', '2026-06-03T02:00Z'],
      { 3: 'last 1, the newest', 2: 'last 2' },
    ],
    [
      'keep the last of each day that has any',
      { daily: 2 },
      'UTC',
      ['2026-06-01T02:00Z', '2026-06-01T20:00Z', '2026-06-04T02:00Z', '2026-06-04T20:00Z'],
      { 4: 'daily 1, the newest', 2: 'daily 2' },
    ],
    [
      'keep the beginning of a history that is shorter than they are',
      { daily: 7 },
      'UTC',
      ['2026-06-01T02:00Z', '2026-06-01T08:00Z', '2026-06-01T20:00Z'],
      { 3: 'daily 1, the newest', 1: 'the oldest, as daily has 6 places left' },
    ],
    [
      'count days as the plan’s clocks show them',
      { daily: 2 },
      'Pacific/Auckland',
      ['2026-06-01T11:00Z', '2026-06-01T13:00Z', '2026-06-02T11:00Z', '2026-06-02T13:00Z'],
      { 4: 'daily 1, the newest', 3: 'daily 2' },
    ],
    [
      'begin weeks on Monday',
      { weekly: 2 },
      'UTC',
      ['2026-06-13T02:00Z', '2026-06-14T02:00Z', '2026-06-15T02:00Z', '2026-06-21T02:00Z'],
      { 4: 'weekly 1, the newest', 2: 'weekly 2' },
    ],
    [
      'take the week between two years as one',
      { weekly: 2 },
      'UTC',
      ['2025-12-28T02:00Z', '2025-12-29T02:00Z', '2026-01-01T02:00Z', '2026-01-04T02:00Z'],
      { 4: 'weekly 1, the newest', 1: 'weekly 2' },
    ],
    [
      'tell the hour that comes twice, when clocks are set back, as two',
      { hourly: 3 },
      'Europe/Berlin',
      ['2025-10-25T23:30Z', '2025-10-26T00:10Z', '2025-10-26T00:30Z', '2025-10-26T01:30Z', '2025-10-26T02:30Z'],
      { 5: 'hourly 1, the newest', 4: 'hourly 2', 3: 'hourly 3' },
    ],
    [
      'take the day of 23 hours as one day',
      { daily: 2 },
      'Europe/Berlin',
      ['2026-03-28T22:30Z', '2026-03-28T23:30Z', '2026-03-29T21:30Z', '2026-03-29T22:30Z'],
      { 4: 'daily 1, the newest', 3: 'daily 2' },
    ],
    [
      'are told apart by half hours too',
      { hourly: 1 },
      'Asia/Kolkata',
      ['2026-06-01T10:20Z', '2026-06-01T10:40Z', '2026-06-01T11:20Z'],
      { 3: 'hourly 1, the newest' },
    ],
    [
      'are ORed',
      { daily: 1, monthly: 2, yearly: 2 },
      'UTC',
      ['2025-11-01T02:00Z', '2025-12-31T02:00Z', '2026-05-30T02:00Z', '2026-05-31T02:00Z', '2026-06-01T02:00Z'],
      { 5: 'daily 1, monthly 1, yearly 1, the newest', 4: 'monthly 2', 2: 'yearly 2' },
    ],
    [
      'count “within” back from the newest snapshot, not from now',
      { within: '2d' },
      'UTC',
      ['2026-01-01T01:59Z', '2026-01-01T02:00Z', '2026-01-03T02:00Z'],
      { 3: 'within 2d, the newest', 2: 'within 2d' },
    ],
    [
      'know months of any length',
      { within: '1m' },
      'UTC',
      ['2026-02-27T02:00Z', '2026-02-28T02:00Z', '2026-03-31T02:00Z'],
      { 3: 'within 1m, the newest', 2: 'within 1m' },
    ],
    [
      'take a day as a day where clocks are changed',
      { within: '1d' },
      'Europe/Berlin',
      ['2026-03-28T00:59Z', '2026-03-28T01:30Z', '2026-03-29T00:30Z'],
      { 3: 'within 1d, the newest', 2: 'within 1d', 1: 'within 1d' },
    ],
    [
      'of nothing keep everything',
      { daily: 0 },
      'UTC',
      ['2026-01-01T00:00Z', '2026-01-01T01:00Z'],
      { 2: 'every snapshot is kept, the newest', 1: 'every snapshot is kept' },
    ],
  ])('%s', (...[, keep, timeZone, times, stays]) => {
    expect(kept(taken(...times), standing([policy(keep, timeZone)]))).toEqual(stays);
  });
});

describe('whatever the rules say', () => {
  const five = taken('2026-06-01T00:00Z', '2026-06-02T00:00Z', '2026-06-03T00:00Z', '2026-06-04T00:00Z', '2026-06-05T00:00Z');
  const last = [policy({ last: 1 })];

  test('several plans keep what any of them wants, each by name', () => {
    const policies = [policy({ last: 1 }, 'UTC', 'Nightly'), policy({ last: 2 }, 'UTC', 'Weekly')];
    expect(kept(five, standing(policies))).toEqual({ 5: 'last 1 (Nightly), last 1 (Weekly), the newest', 4: 'last 2 (Weekly)' });
    expect(Object.keys(kept(five, standing([...policies, policy({}, 'UTC', 'All')])))).toHaveLength(5);
  });

  test('a repo in no plan, one that is gone, and one under guard lose nothing', () => {
    expect(kept(five, standing([]))[1]).toBe('no plan backs it up');
    expect(kept(five, standing(last, { there: false }))[1]).toContain('gone from the server');
    expect(kept(five, standing(last, { guard: 'most of its refs were deleted' }))[1]).toBe('most of its refs were deleted');
  });

  test('what is on hold stays, with the reason', () => {
    const held = five.map((one) => (one.id === '00000002' ? { ...one, held: 'audit 2026' } : one));
    expect(kept(held, standing(last))).toEqual({ 5: 'last 1, the newest', 2: 'on hold: audit 2026' });
  });

  test('the last good copy stays beside the newest that is none', () => {
    const emptied = five.map((one) => ({ ...one, good: one.id < '00000003' }));
    expect(kept(emptied, standing(last))).toEqual({ 5: 'last 1, the newest', 2: 'the last good one' });
  });

  test('what somebody else put there takes nobody’s place, and stays only where it would have one', () => {
    const forged = five.map((one) => ({ ...one, vouched: one.id < '00000003' }));
    expect(kept(forged, standing([policy({ last: 1 })]))).toEqual({
      5: 'last 1, though in no signed list, the newest',
      4: 'last 1, though in no signed list',
      3: 'last 1, though in no signed list',
      2: 'last 1, the last good one',
    });
    const old = five.map((one) => ({ ...one, vouched: one.id > '00000002' }));
    expect(Object.keys(kept(old, standing([policy({ last: 2 })])))).toEqual(['4', '5']);
  });

  test('what is dated in the future is not dropped and takes nobody’s place', () => {
    const clocks = taken('2027-01-01T00:00Z', '2026-06-02T00:00Z', '2026-06-03T00:00Z');
    expect(kept(clocks, standing(last))).toEqual({ 1: 'dated in the future', 3: 'last 1, the newest' });
  });
});

describe('any history under any rules', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Warsaw', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Auckland');
  const counts = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined });
  const keeps: fc.Arbitrary<Keep> = fc.record({
    last: counts,
    hourly: counts,
    daily: counts,
    weekly: counts,
    monthly: counts,
    yearly: counts,
    within: fc.option(fc.constantFrom('12h', '30d', '1m', '1y'), { nil: undefined }),
  });
  const candidates = fc
    .array(
      fc.record({
        // Around both changes of clocks, and a bit into the future.
        at: fc.integer({ min: Date.parse('2025-03-01T00:00Z'), max: now + 86_400_000 }),
        good: fc.boolean(),
        held: fc.option(fc.constantFrom('', 'audit'), { nil: null, freq: 10 }),
      }),
      { maxLength: 40 },
    )
    .map((all) =>
      all.map(({ at, good, held }, index) => ({
        id: String(index + 1).padStart(8, '0'),
        takenAt: new Date(at).toISOString(),
        good,
        held,
        vouched: true,
      })),
    );
  const policies = fc.array(fc.record({ plan: fc.constantFrom('A', 'B'), keep: keeps, timeZone: zones }), { maxLength: 3 });
  const keptIds = (all: readonly Candidate[], around: Standing) =>
    new Set(judge(all, around).flatMap(({ id, keep }) => (keep ? [id] : [])));

  test('there is one verdict for each snapshot, with a reason', () => {
    fc.assert(
      fc.property(candidates, policies, (all, some) => {
        const verdicts = judge(all, standing(some));
        expect(verdicts.map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id));
        for (const { because } of verdicts) expect(because.length).toBeGreaterThan(0);
      }),
    );
  });

  test('the newest, the last good, the held and the future always stay', () => {
    fc.assert(
      fc.property(candidates, policies, (all, some) => {
        const ids = keptIds(all, standing(some));
        const must = [
          ...all.slice(-1),
          ...all.filter(({ good }) => good).slice(-1),
          ...all.filter(({ held, takenAt }) => held !== null || Date.parse(takenAt) > now),
        ];
        for (const { id } of must) expect(ids).toContain(id);
      }),
    );
  });

  test('a plan that wants more never keeps less, nor does another plan', () => {
    fc.assert(
      fc.property(candidates, policies, policies, fc.constantFrom(...keepRules), (all, some, others, rule) => {
        const ids = keptIds(all, standing(some));
        if (some.length === 0) return;
        const more = some.map((one) =>
          keepWords(one.keep).length === 0 ? one : { ...one, keep: { ...one.keep, [rule]: (one.keep[rule] ?? 0) + 1 } },
        );
        const grown = keptIds(all, standing(more));
        const joined = keptIds(all, standing([...some, ...others]));
        // The oldest that held a free place gives it up when newer ones fill the places.
        const firm = judge(all, standing(some)).filter(
          ({ keep, because }) => keep && !because.every((why) => why.startsWith('the oldest')),
        );
        expect(firm.filter(({ id }) => !grown.has(id))).toEqual([]);
        expect([...ids].filter((id) => !joined.has(id))).toEqual([]);
      }),
    );
  });

  test('what stays would stay again: dropping the others changes nothing', () => {
    fc.assert(
      fc.property(candidates, policies, (all, some) => {
        const ids = keptIds(all, standing(some));
        const left = all.filter(({ id }) => ids.has(id));
        expect(keptIds(left, standing(some))).toEqual(ids);
      }),
    );
  });

  test('a rule of periods keeps the last of each, and no more of them than it says', () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 6 }), zones, (all, most, zone) => {
        const verdicts = judge(all, standing([policy({ daily: most }, zone)]));
        const days = verdicts.filter(({ because }) => because.some((why) => why.startsWith('daily')));
        expect(days.length).toBeLessThanOrEqual(most);
        const date = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
        const dates = days.map(({ id }) => date.format(Date.parse(all.find((one) => one.id === id)?.takenAt ?? '')));
        expect(new Set(dates).size).toBe(dates.length);
      }),
    );
  });
});

describe('a stretch of time', () => {
  test.each(['30d', '12h', '1y6m', '2y5m7d3h'])('%s is one', (text) => expect(v.is(Keep, { within: text })).toBe(true));
  test.each(['', '30', 'd', '3h2d', '30 days', '-1d', '0d', '1w'])('“%s” is none', (text) =>
    expect(v.is(Keep, { within: text })).toBe(false),
  );
});
