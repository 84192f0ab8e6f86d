import type { Plan } from '@gitprotect/shared/plan';
import type { Job } from '@gitprotect/shared/run';
import { describe, expect, test } from 'vitest';
import { type ProjectView, safetyOf } from './safety.ts';

const project: ProjectView = {
  id: 'p1',
  serverId: 's1',
  key: 'ORCH',
  name: 'Orchard',
  bitbucketId: 1,
  addedAt: '2026-11-01T00:00:00.000Z',
  serverUrl: 'https://bitbucket.example.com',
  credentialIds: ['c1'],
  ownCredentialId: 'c1',
  coverage: { repos: 2, uncovered: [], checkedAt: null },
  lastSnapshotAt: '2026-11-22T02:00:00.000Z',
  warnings: [],
};
const plan: Plan = {
  id: 'n1',
  name: 'Nightly',
  projectIds: ['p1', 'p2'],
  schedule: { cron: '0 2 * * *', timeZone: 'UTC' },
  window: null,
  share: 80,
  keep: {},
  additional: { enabled: false, credentialIds: [] },
  leaveOut: [],
  copyTo: null,
  createdAt: '2026-11-01T00:00:00.000Z',
  accounts: [],
  users: 1,
  repos: 2,
  lastRun: { id: 'r1', state: 'succeeded', startedAt: '2026-11-22T02:00:00.000Z', endedAt: null },
  nextDue: null,
  running: null,
  warnings: [],
};
const partial: Plan = { ...plan, lastRun: { id: 'r1', state: 'partial', startedAt: '2026-11-22T02:00:00.000Z', endedAt: null } };
const job = (projectKey: string, state: 'unchanged' | 'failed'): Job => ({
  repoId: 1,
  serverId: 's1',
  projectKey,
  slug: 'core',
  phase: 'done',
  outcome: state === 'failed' ? { state, error: { code: 'throttled', message: 'no' } } : { state, snapshotId: '00000001' },
  received: 0,
  requests: 0,
  credentialIds: [],
  startedAt: null,
  endedAt: null,
});
const judge = (of: ProjectView, plans: readonly Plan[], jobs?: readonly Job[]) => safetyOf(of, { plans, jobsOf: () => jobs, now: 0 });

describe('a project is', () => {
  test('safe when all of it is covered and the last run went well', () => {
    expect(judge(project, [plan])).toMatchObject({ tone: 'ok', text: 'safe' });
  });

  const bad: [string, ProjectView, Plan[], string][] = [
    ['without a credential', { ...project, credentialIds: [] }, [plan], 'no credential'],
    ['in no plan', project, [], 'no plan'],
    ['without a snapshot', { ...project, lastSnapshotAt: null }, [plan], 'no backup'],
  ];
  test.for(bad)('not safe %s', ([, of, plans, reason]) => {
    const safety = judge(of, plans);
    expect(safety.text).toBe('not safe');
    expect(safety.reason).toContain(reason);
  });

  test('marked when a repo is seen by nobody, and the repo is named', () => {
    const uncovered = { ...project, coverage: { ...project.coverage, uncovered: ['a', 'b', 'c', 'd'] } };
    expect(judge(uncovered, [plan])).toMatchObject({ text: '4 uncovered', reason: 'no enabled account sees “a”, “b”, “c” and 1 other' });
  });

  test('marked when its own repos failed, not when those of another project in the plan did', () => {
    expect(judge(project, [partial], [job('ORCH', 'failed'), job('HARB', 'unchanged')]).text).toBe('1 not saved');
    expect(judge(project, [partial], [job('ORCH', 'unchanged'), job('HARB', 'failed')]).text).toBe('safe');
  });

  test('not restorable when a drill failed, and safe with its proof when all went well', () => {
    const since = '1970-01-01T00:00:00.000Z';
    expect(judge({ ...project, proof: { repos: 2, proven: 2, since, failed: [] } }, [plan]).reason).toContain('proven restorable');
    expect(judge({ ...project, proof: { repos: 2, proven: 1, since, failed: ['ORCH/core'] } }, [plan])).toMatchObject({
      text: 'not restorable',
      reason: expect.stringContaining('ORCH/core'),
    });
  });

  test('never called safe while it is not known what failed, or the run did not reach it', () => {
    expect(judge(project, [partial]).tone).toBe('warn');
    expect(judge(project, [partial], [job('HARB', 'unchanged')]).tone).toBe('warn');
  });
});
