import type { Job, RunDetail } from '@gitprotect/shared/run';
import { describe, expect, test } from 'vitest';
import { lanesOf, merged } from './lanes.ts';

const start = Date.UTC(2026, 10, 22, 2);
const time = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const job = (repoId: number, credentialIds: string[], from: number, to: number | null): Job => ({
  repoId,
  serverId: 's1',
  projectKey: 'ORCH',
  slug: `r${repoId}`,
  phase: to === null ? 'running' : 'done',
  outcome: null,
  received: 0,
  requests: 1,
  credentialIds,
  startedAt: time(from),
  endedAt: to === null ? null : time(to),
});
const run = (jobs: Job[], throttles: RunDetail['throttles'], endedAt: string | null): RunDetail => ({
  id: 'r1',
  planId: 'n1',
  planName: 'Nightly',
  trigger: 'manual',
  state: endedAt === null ? 'running' : 'succeeded',
  startedAt: time(0),
  endedAt,
  repos: jobs.length,
  counts: { saved: 0, unchanged: 0, skipped: 0, throttled: 0, failed: 0 },
  bytes: 0,
  requests: 0,
  problems: [],
  jobs,
  throttles,
});
const credentials = [
  { id: 'c1', name: 'one', owner: { name: 'ann', slug: 'ann', displayName: 'Ann' } },
  { id: 'c2', name: 'two', owner: { name: 'ann', slug: 'ann', displayName: 'Ann' } },
  { id: 'c3', name: 'bot', owner: null },
];

describe('the throttle timeline', () => {
  test('has one lane for each user, however many tokens', () => {
    const lanes = lanesOf(run([job(1, ['c1'], 0, 50), job(2, ['c2'], 50, 100), job(3, ['c3'], 0, 25)], [], time(100)), credentials, 0);
    expect(lanes).toEqual([
      { user: 'ann', served: [{ from: 0, to: 1 }], throttled: [], throttledFor: 0 },
      { user: 'bot', served: [{ from: 0, to: 0.25 }], throttled: [], throttledFor: 0 },
    ]);
  });

  test('hatches only what lies within the run, and counts overlapping refusals once', () => {
    const throttles = [
      { credentialId: 'c1', ownerSlug: 'ann', from: time(20), until: time(40) },
      { credentialId: 'c2', ownerSlug: 'ann', from: time(30), until: time(50) },
      { credentialId: 'c2', ownerSlug: 'ann', from: time(90), until: time(400) },
    ];
    const [lane] = lanesOf(run([], throttles, time(100)), credentials, 0);
    expect(lane?.throttled).toEqual([
      { from: 0.2, to: 0.5 },
      { from: 0.9, to: 1 },
    ]);
    expect(lane?.throttledFor).toBe(40_000);
  });

  test('of a run on its way ends now', () => {
    const [lane] = lanesOf(run([job(1, ['c3'], 50, null)], [], null), credentials, start + 100_000);
    expect(lane?.served).toEqual([{ from: 0.5, to: 1 }]);
  });

  test('calls a credential that is gone by its id', () => {
    expect(lanesOf(run([job(1, ['gone'], 0, 1)], [], time(1)), credentials, 0)[0]?.user).toBe('gone');
  });

  test('merges spans in any order', () => {
    expect(
      merged([
        { from: 5, to: 6 },
        { from: 0, to: 3 },
        { from: 1, to: 2 },
        { from: 3, to: 4 },
      ]),
    ).toEqual([
      { from: 0, to: 4 },
      { from: 5, to: 6 },
    ]);
  });
});
