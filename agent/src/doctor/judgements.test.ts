import type { Credential } from '@gitprotect/shared/credential';
import type { Plan } from '@gitprotect/shared/plan';
import type { Run } from '@gitprotect/shared/run';
import { describe, expect, test } from 'vitest';
import { judgeClock } from './clock.ts';
import { judgeCredential } from './credentials.ts';
import { judgeGit, judgeNode } from './machine.ts';
import { judgePlan } from './plans.ts';
import { judgeProject } from './projects.ts';
import { judgeServer } from './servers.ts';
import { judgeRoom, judgeSync } from './storage.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const at = (hours: number): string => new Date(now + hours * 3_600_000).toISOString();

describe('git', () => {
  test.each([
    ['2.29.9', 'problem'],
    ['1.9.1', 'problem'],
    ['nonsense', 'problem'],
    ['2.39.5', 'warning'],
    ['2.43.6', 'warning'],
    ['2.43.7', 'ok'],
    ['2.50.0', 'warning'],
    ['2.50.1 (Apple Git-155)', 'ok'],
    ['2.51.0', 'ok'],
    ['2.55.0.windows.1', 'ok'],
    ['3.0.0', 'ok'],
  ])('%s is %s', (version, state) => expect(judgeGit(version).state).toBe(state));
});

test('Node is fine from 24 on', () => {
  expect([judgeNode('22.18.0').state, judgeNode('24.0.0').state, judgeNode('26.1.0').state]).toEqual(['problem', 'ok', 'ok']);
});

describe('the clock', () => {
  test('cannot be earlier than this program', () => expect(judgeClock(0, null).state).toBe('problem'));
  test('cannot be earlier than what this agent has done', () => {
    expect(judgeClock(now, now + 7_200_000)).toMatchObject({ state: 'problem', message: expect.stringContaining('2 h before') });
    expect(judgeClock(now, now - 1).state).toBe('ok');
  });
});

describe('room in the storage', () => {
  test.each([
    [null, 0, []],
    [50_000_000, 0, ['problem']],
    [500_000_000, 0, ['warning']],
    [2_000_000_000, 0, ['ok']],
    [2_000_000_000, 1_000_000_000, ['warning']],
    [2_000_000_000, 3_000_000_000, ['problem']],
  ])('%s bytes free where a run wrote %s', (free, largest, states) =>
    expect(judgeRoom(free, largest).map(({ state }) => state)).toEqual(states),
  );
});

describe('storage and database', () => {
  const set = (...names: string[]): Set<string> => new Set(names);
  test('that list the same are in step', () => {
    expect(judgeSync({ there: set('a', 'b'), before: set('a', 'b'), strange: 0 }).state).toBe('ok');
  });
  test('are not, when a listed snapshot is gone: a problem that names it', () => {
    const { state, message } = judgeSync({ there: set('b'), before: set('a', 'b'), strange: 0 });
    expect([state, message]).toEqual(['problem', '1 snapshot of 2 listed snapshots is not in storage (a)']);
  });
  test('are not, when storage has more: a rebuild of the catalogue finds it', () => {
    expect(judgeSync({ there: set('a'), before: set(), strange: 1 })).toMatchObject({
      state: 'warning',
      remedy: 'gitprotect-agent catalogue rebuild',
    });
  });
  test('are, when a snapshot is committed in the meantime', () => {
    expect(judgeSync({ there: set('a'), before: set(), strange: 0 }).state).toBe('ok');
  });
});

describe('a server', () => {
  const seen = { url: 'https://git.example.com', version: '9.4.0', now };
  const certificate = (hours: number) => ({ subject: '', issuer: '', fingerprint: '', validUntil: at(hours) });
  test.each([
    [null, 'ok'],
    [certificate(24 * 90), 'ok'],
    [certificate(24 * 13), 'warning'],
    [certificate(-1), 'problem'],
  ])('with the certificate %j is %s', (one, state) => expect(judgeServer({ ...seen, certificate: one }).state).toBe(state));
});

describe('a credential', () => {
  const credential = (state: Credential['health']['state']): Credential => ({
    id: 'credential_1',
    serverId: 's',
    name: 'backup',
    tokenId: null,
    kind: 'user',
    owner: { name: 'jane', slug: 'jane', displayName: 'Jane' },
    permissions: null,
    expiresAt: at(24 * 40),
    health: { state, checkedAt: at(-3), message: null },
    attachments: [],
    plans: [],
    addedAt: at(-100),
    lastUsedAt: null,
  });
  test.each([
    ['healthy', 'ok'],
    ['expires-soon', 'warning'],
    ['throttled', 'warning'],
    ['unchecked', 'warning'],
    ['expired', 'problem'],
    ['rejected', 'problem'],
  ] as const)('that is %s is %s', (health, state) => expect(judgeCredential(credential(health), now).state).toBe(state));
  test('says whose it is, when it was checked and when it ends', () => {
    expect(judgeCredential(credential('healthy'), now).message).toBe('“backup” of jane is healthy, checked 3 h ago, expires in 40 days');
  });
});

describe('a project', () => {
  const project = {
    id: 'project_1',
    serverId: 's',
    key: 'ORCH',
    name: 'Orchard',
    bitbucketId: 1,
    addedAt: at(-100),
    serverUrl: 'https://git.example.com',
    credentialIds: ['credential_1'],
    ownCredentialId: 'credential_1',
    coverage: { repos: 3, uncovered: [] as string[], checkedAt: at(-1) },
    lastSnapshotAt: null,
    warnings: [],
  };
  const plans = [{ projectIds: ['project_1'] }];
  const states = (one: typeof project, inPlans = plans) => judgeProject(one, inPlans).map(({ state }) => state);
  test('that credentials see whole, and a plan backs up, is fine', () => expect(states(project)).toEqual(['ok']));
  test('with a repo nobody sees is a problem that names it', () => {
    expect(judgeProject({ ...project, coverage: { ...project.coverage, uncovered: ['core'] } }, plans)).toMatchObject([
      { state: 'problem', message: 'ORCH: no credential sees core', remedy: expect.stringContaining('project forget ORCH/core') },
    ]);
  });
  test('without a credential is a problem', () => expect(states({ ...project, credentialIds: [] })).toEqual(['problem']));
  test('in no plan is a warning', () => expect(states(project, [])).toEqual(['warning']));
});

describe('a plan', () => {
  const plan: Plan = {
    id: 'plan_1',
    name: 'nightly',
    projectIds: [],
    schedule: { cron: '0 2 * * *', timeZone: 'UTC' },
    window: null,
    share: 80,
    keep: {},
    additional: { enabled: false, credentialIds: [] },
    leaveOut: [],
    copyTo: null,
    createdAt: at(-1000),
    accounts: [],
    users: 0,
    repos: null,
    lastRun: null,
    nextDue: null,
    running: null,
    warnings: [],
  };
  const run = (state: Run['state'], hours: number): Run => ({
    id: `run_${-hours}`,
    planId: 'plan_1',
    planName: 'nightly',
    trigger: 'schedule',
    state,
    startedAt: at(hours),
    endedAt: null,
    repos: 0,
    counts: { saved: 0, unchanged: 0, skipped: 0, throttled: 0, failed: 0 },
    bytes: 0,
    requests: 0,
    credentials: [],
    problems: [],
  });
  const states = (one: Plan, ...runs: Run[]) => judgePlan(one, runs, now).map(({ state }) => state);

  test('whose last run was good is fine', () => expect(states(plan, run('succeeded', -10))).toEqual(['ok']));
  test('that missed one run is still fine: it may be about to begin', () => expect(states(plan, run('succeeded', -30))).toEqual(['ok']));
  test('that missed two is a problem', () => {
    expect(judgePlan(plan, [run('succeeded', -60)], now)).toMatchObject([
      { state: 'problem', message: 'nightly: two runs in a row are missing; the last good one: 3 days ago' },
    ]);
  });
  test('that never ran well since it was made is a problem, whatever runs now', () => {
    expect(states(plan, run('running', 0), run('failed', -10))).toEqual(['problem']);
  });
  test.each([
    ['failed', 'problem'],
    ['partial', 'warning'],
    ['interrupted', 'warning'],
    ['cancelled', 'warning'],
  ] as const)('whose last run was %s is a %s', (state, finding) => {
    expect(states(plan, run(state, -9), run('succeeded', -10))).toEqual([finding]);
  });
  test('run by hand only is a warning until it has run', () => {
    expect(states({ ...plan, schedule: null })).toEqual(['warning']);
    expect(states({ ...plan, schedule: null }, run('succeeded', -1000))).toEqual(['ok']);
  });
  test('passes its own warnings on', () =>
    expect(states({ ...plan, warnings: ['no credential'] }, run('succeeded', -1))).toEqual(['warning', 'ok']));
});
