import type { Job, Run, RunDetail } from '@gitprotect/shared/run';
import { describe, expect, test } from 'vitest';
import { mergeActive, mergeDetail } from './run-progress.ts';

const run: Run = {
  id: 'r1',
  planId: 'n1',
  planName: 'Nightly',
  trigger: 'manual',
  state: 'running',
  startedAt: '2026-11-22T11:00:00.000Z',
  endedAt: null,
  repos: 2,
  counts: { saved: 0, unchanged: 0, skipped: 0, throttled: 0, failed: 0 },
  bytes: 0,
  requests: 0,
  credentials: [],
  problems: [],
};
const job = (repoId: number, more: Partial<Job> = {}): Job => ({
  repoId,
  serverId: 's1',
  projectKey: 'ORCH',
  slug: `r${repoId}`,
  phase: 'waiting',
  outcome: null,
  received: 0,
  requests: 0,
  credentialIds: [],
  startedAt: null,
  endedAt: null,
  ...more,
});
const detail: RunDetail = { ...run, jobs: [job(1), job(2)], throttles: [], waits: [] };

describe('news of a run', () => {
  test('replaces the repo it is about, in its place', () => {
    const merged = mergeDetail(detail, { run: { ...run, requests: 3 }, job: job(1, { phase: 'running' }) });
    expect(merged.jobs.map(({ repoId, phase }) => [repoId, phase])).toEqual([
      [1, 'running'],
      [2, 'waiting'],
    ]);
    expect(merged.requests).toBe(3);
  });

  test('adds a repo that was not listed yet; the same number on another server is another repo', () => {
    expect(mergeDetail(detail, { run, job: job(1, { serverId: 's2' }) }).jobs).toHaveLength(3);
  });

  test('says who is throttled, once', () => {
    const throttle = { credentialId: 'c1', ownerSlug: 'ann', from: '2026-11-22T11:00:01.000Z', until: '2026-11-22T11:00:09.000Z' };
    const told = mergeDetail(detail, { run, job: null, throttle });
    expect(told.throttles).toEqual([throttle]);
    expect(mergeDetail(told, { run, job: null, throttle }).throttles).toEqual([throttle]);
  });

  test('of another run changes nothing', () => {
    expect(mergeDetail(detail, { run: { ...run, id: 'r2' }, job: job(1) })).toBe(detail);
  });

  test('tells which repos are on their way, until they are done or the run ends', () => {
    const started = [1, 2].reduce<Job[]>((active, repoId) => mergeActive(active, { run, job: job(repoId, { phase: 'running' }) }), []);
    expect(started.map(({ repoId }) => repoId)).toEqual([1, 2]);
    expect(mergeActive(started, { run, job: job(1, { phase: 'done' }) }).map(({ repoId }) => repoId)).toEqual([2]);
    expect(mergeActive(started, { run, job: null })).toHaveLength(2);
    expect(mergeActive(started, { run: { ...run, state: 'cancelled' }, job: null })).toEqual([]);
  });
});
