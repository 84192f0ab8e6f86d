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
const used = [
  { credentialId: 'c1', name: 'one', ownerSlug: 'ann', requests: 2 },
  { credentialId: 'c2', name: 'two', ownerSlug: 'ann', requests: 1 },
  { credentialId: 'c3', name: 'bot', ownerSlug: null, requests: 4 },
];
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
  credentials: used,
  problems: [],
  jobs,
  throttles,
  waits: [],
});

describe('the throttle timeline', () => {
  test('has one lane for each user, however many tokens', () => {
    const { users } = lanesOf(run([job(1, ['c1'], 0, 50), job(2, ['c2'], 50, 100), job(3, ['c3'], 0, 25)], [], time(100)), 0);
    expect(users).toEqual([
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
    const [lane] = lanesOf(run([], throttles, time(100)), 0).users;
    expect(lane?.throttled).toEqual([
      { from: 0.2, to: 0.5 },
      { from: 0.9, to: 1 },
    ]);
    expect(lane?.throttledFor).toBe(40_000);
  });

  test('of a run on its way ends now', () => {
    const [lane] = lanesOf(run([job(1, ['c3'], 50, null)], [], null), start + 100_000).users;
    expect(lane?.served).toEqual([{ from: 0.5, to: 1 }]);
  });

  test('calls a credential by the name it had, and one nobody wrote down by its id', () => {
    expect(lanesOf(run([job(1, ['gone'], 0, 1)], [], time(1)), 0).users[0]?.user).toBe('gone');
  });

  test('shows when everything waited, and for how long, up to now', () => {
    const waits = [
      { from: time(10), until: time(30) },
      { from: time(90), until: time(400) },
    ];
    const lanes = lanesOf({ ...run([], [], null), waits }, start + 100_000);
    expect(lanes.waits).toEqual([
      { from: 0.1, to: 0.3 },
      { from: 0.9, to: 1 },
    ]);
    expect(lanes.waitedFor).toBe(30_000);
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
