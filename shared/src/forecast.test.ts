import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adviceOf, basisOf, estimateText, forecast, type Known, type PastJob, type PastRun } from './forecast.ts';

const hour = 3_600_000;
const job = (more: Partial<PastJob> = {}): PastJob => ({ full: false, requests: 4, bytes: 1000, work: 1000, ...more });
const night = (jobs: PastJob[], more: Partial<PastRun> = {}): PastRun => ({
  jobs,
  beside: 10,
  work: jobs.reduce((sum, { work }) => sum + work, 0) / 2,
  ...more,
});
const known = (more: Partial<Known>): Known => ({ repos: 10, runs: [], fulls: [], limits: [5], share: 0.8, window: 8 * hour, ...more });

describe('a forecast', () => {
  test('of a plan that never ran says that nothing is known', () => {
    const nothing = forecast(known({ limits: [undefined] }));
    expect(nothing).toMatchObject({ full: null, daily: null, runs: 0 });
    expect(basisOf(nothing)).toBe('Nothing is known yet of what a run costs: run the plan once.');
    expect(adviceOf(nothing)).toEqual([]);
  });

  test('after the first backup knows the full run, for repos that are not saved yet by those that are', () => {
    const fulls = Array.from({ length: 5 }, () => job({ full: true, requests: 100, bytes: 1e9, work: 60_000 }));
    const seen = forecast(known({ fulls, runs: [night(fulls)] }));
    expect(seen.full).toEqual({ requests: 1000, bytes: 1e10, work: 300_000, milliseconds: 300_000, fit: { kind: 'inside' } });
    expect(seen.daily).toBeNull();
    expect(basisOf(seen)).toContain('from the first backup alone');
  });

  test('of a daily run takes the middle of the last ones, and one night of much says little', () => {
    const nights = [night(Array.from({ length: 10 }, () => job({ requests: 900 })))];
    for (let index = 0; index < 4; index += 1) nights.push(night(Array.from({ length: 10 }, () => job())));
    const { daily, runs } = forecast(known({ runs: nights }));
    expect(daily).toMatchObject({ requests: 50, bytes: 10_000, work: 5000 });
    expect(runs).toBe(5);
  });

  test('says how many more users would bring it inside the window', () => {
    // 345,600 requests in 8 hours are 12 a second; one user with a share of 80 % of 5 makes 4 of them.
    const runs = [
      night(
        Array.from({ length: 10 }, () => job({ requests: 34_560 })),
        { beside: 0 },
      ),
    ];
    const seen = forecast(known({ runs }));
    expect(seen.daily).toMatchObject({ milliseconds: 24 * hour, fit: { kind: 'more-users', users: 2, windows: 3 } });
    expect(adviceOf(seen)).toEqual(['A daily run takes 3 windows: two more users would bring it inside.']);
    expect(forecast(known({ runs, limits: [5, 5, 5] })).daily).toMatchObject({ milliseconds: 8 * hour, fit: { kind: 'inside' } });
  });

  test('does not promise that users make the server faster', () => {
    const runs = [night(Array.from({ length: 10 }, () => job({ work: 4 * hour })))];
    const seen = forecast(known({ runs }));
    expect(seen.daily?.fit).toEqual({ kind: 'too-long', windows: 3 });
    expect(adviceOf(seen)[0]).toContain('more users would not shorten it');
  });

  test('says what it assumed of limits nobody knows, and counts an unlimited user as such', () => {
    const runs = [night([job()])];
    expect(basisOf(forecast(known({ runs, limits: [undefined, 10] })))).toBe(
      'With 2 users, 12 requests a second; Bitbucket’s limit is not known of all of them: 5 a second each were assumed; from the last run.',
    );
    expect(forecast(known({ runs, limits: [null, 5] }))).toMatchObject({ rate: null, daily: { milliseconds: 5000 } });
  });

  test('keeps its promise: with the users it asks for the run fits, with one fewer it does not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ requests: fc.integer({ min: 1, max: 50_000 }), work: fc.integer({ min: 0, max: 2 * hour }) }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 12 }),
        (costs, limits, hours) => {
          const jobs = costs.map((cost) => job(cost));
          const given = known({ repos: jobs.length, runs: [night(jobs, { beside: 0 })], limits, window: hours * hour });
          const fit = forecast(given).daily?.fit;
          fc.pre(fit?.kind === 'more-users');
          const mean = limits.reduce((sum, one) => sum + one, 0) / limits.length;
          const fitWith = (more: number) =>
            forecast({ ...given, limits: [...limits, ...Array.from({ length: more }, () => mean)] }).daily?.fit?.kind;
          expect(fitWith(fit.users)).toBe('inside');
          expect(fitWith(fit.users - 1)).not.toBe('inside');
        },
      ),
    );
  });

  test('reads as words', () => {
    expect(estimateText({ requests: 2120, bytes: 41_000_000_000, work: 1, milliseconds: 7 * hour, fit: null })).toBe(
      '2,120 requests, 41 GB, about 7 h',
    );
  });
});
