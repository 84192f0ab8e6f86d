import type { Job, RunDetail } from '@gitprotect/shared/run';
import { expect, test } from 'vitest';
import { pastRun } from './past-runs.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 1) + seconds * 1000).toISOString();
const job = (repoId: number, more: Partial<Job>): Job => ({
  repoId,
  serverId: 's1',
  projectKey: 'ORCH',
  slug: `r${repoId}`,
  phase: 'done',
  outcome: { state: 'unchanged', snapshotId: '1' },
  received: 0,
  requests: 2,
  credentialIds: ['c1'],
  startedAt: at(0),
  endedAt: at(10),
  ...more,
});
const run: RunDetail = {
  id: 'r1',
  planId: 'n1',
  planName: 'Nightly',
  trigger: 'schedule',
  state: 'partial',
  startedAt: at(0),
  endedAt: at(100),
  repos: 4,
  counts: { saved: 0, unchanged: 2, skipped: 1, throttled: 0, failed: 1 },
  bytes: 0,
  requests: 12,
  credentials: [],
  problems: [],
  jobs: [
    job(1, {}),
    job(2, { startedAt: at(10), endedAt: at(90) }),
    job(3, { outcome: { state: 'failed', error: { code: 'git-stalled', message: '' } } }),
    job(4, { startedAt: null, endedAt: null, requests: 0, doneIn: 'r0' }),
  ],
  throttles: [],
  waits: [
    { from: at(5), until: at(25) },
    { from: at(95), until: at(400) },
  ],
};

test('what a run cost leaves out waits, repos that failed, and repos that another run had done', () => {
  expect(pastRun(run)).toEqual({
    jobs: [
      { full: false, requests: 2, bytes: 0, work: 5000 },
      { full: false, requests: 2, bytes: 0, work: 65_000 },
    ],
    beside: 6,
    work: 75_000,
  });
});
