import type { Forecast } from '@gitprotect/shared/forecast';
import type { Job, Outcome, Run, RunDetail } from '@gitprotect/shared/run';
import { at, hour, minute, slugs } from './orchard.ts';

const run = (id: string, more: Partial<Run>): Run => ({
  id,
  planId: 'n1',
  planName: 'Nightly',
  trigger: 'schedule',
  state: 'succeeded',
  startedAt: at(-2 * hour),
  endedAt: at(-2 * hour + 4 * minute),
  repos: 53,
  counts: { saved: 12, unchanged: 41, skipped: 0, throttled: 0, failed: 0 },
  bytes: 412_000_000,
  requests: 318,
  credentials: [
    { credentialId: 'c1', name: 'backup-nightly', ownerSlug: 'backup.one', requests: 201 },
    { credentialId: 'c2', name: 'ci-clone', ownerSlug: 'tomasz.b', requests: 117 },
  ],
  problems: [],
  ...more,
});
export const liveRun = run('r9', {
  trigger: 'manual',
  state: 'running',
  startedAt: at(-3 * minute),
  endedAt: null,
  counts: { saved: 9, unchanged: 18, skipped: 0, throttled: 0, failed: 1 },
  bytes: 1_200_000_000,
  requests: 204,
});
export const runs: Run[] = [
  run('r2', {
    state: 'partial',
    counts: { saved: 11, unchanged: 41, skipped: 0, throttled: 0, failed: 1 },
    notices: ['ORCH/press-line is new', '“ci-clone” no longer sees ORCH/cellar, ORCH/ledger, ORCH/vault-keys'],
    problems: [
      {
        code: 'not-covered',
        message: '1 repository of HARB that no enabled credential sees: vault-keys',
        remedy: 'enable or add a credential that may read them; forget those that were deleted in Bitbucket',
      },
    ],
  }),
  run('r1', { startedAt: at(-26 * hour), endedAt: at(-26 * hour + 5 * minute) }),
  run('r0', { startedAt: at(-50 * hour), endedAt: at(-50 * hour + 61 * minute), trigger: 'catch-up', bytes: 41_300_000_000 }),
  run('rc', {
    state: 'cancelled',
    counts: { saved: 0, unchanged: 4, skipped: 49, throttled: 0, failed: 0 },
    trigger: 'manual',
    startedAt: at(-51 * hour),
    endedAt: at(-51 * hour + minute),
    bytes: 0,
  }),
];

const outcomes: Outcome[] = [
  {
    state: 'saved',
    snapshotId: '00000012',
    kind: 'incremental',
    bytes: 366_000,
    objects: 210,
    refs: { total: 812, added: 2, moved: 14, deleted: 1 },
    records: 6,
    lfsObjects: 1,
    notPermitted: ['webhooks', 'access-keys', 'branch-restrictions'],
    warnings: [],
  },
  { state: 'unchanged', snapshotId: '00000007' },
  {
    state: 'failed',
    error: {
      code: 'not-covered',
      message: 'no enabled account may read HARB/vault-keys',
      remedy: 'add or enable a credential that may read it',
    },
  },
  {
    state: 'saved',
    snapshotId: '00000001',
    kind: 'full',
    bytes: 812_000_000,
    objects: 91_000,
    refs: { total: 17_887, added: 17_887, moved: 0, deleted: 0 },
    warnings: ['3 large files are lost on the server; everything else was saved'],
  },
];

const jobs = (count: number, ended: number, origin = -3 * minute): Job[] =>
  Array.from({ length: count }, (_, index) => {
    const outcome = outcomes[index < 4 ? index : 1 - (index % 2)] ?? null;
    const done = index < ended;
    const start = origin + (index * 3 * minute) / Math.min(count, ended + 3);
    return {
      repoId: index + 1,
      serverId: 's1',
      projectKey: index === 2 ? 'HARB' : 'ORCH',
      slug: slugs[index] ?? `service-${index}`,
      phase: done ? 'done' : index < ended + 3 ? 'running' : 'waiting',
      outcome: done ? outcome : null,
      received: index === ended ? 48_000_000 : 0,
      requests: index === 2 || index >= ended + 3 ? 0 : 1 + (index % 4),
      credentialIds: index === 2 || index >= ended + 3 ? [] : index === 3 ? ['c1', 'c2'] : [index % 2 === 0 ? 'c1' : 'c2'],
      startedAt: index < ended + 3 ? at(start) : null,
      endedAt: done ? at(start + 700 + (index % 7) * 900) : null,
    };
  });

export const liveDetail: RunDetail = {
  ...liveRun,
  jobs: jobs(53, 28),
  throttles: [
    { credentialId: 'c1', ownerSlug: 'backup.one', from: at(-100_000), until: at(-72_000) },
    { credentialId: 'c2', ownerSlug: 'tomasz.b', from: at(-78_000), until: at(-60_000) },
    { credentialId: 'c2', ownerSlug: 'tomasz.b', from: at(-15_000), until: at(40_000) },
  ],
  waits: [{ from: at(-78_000), until: at(-72_000) }],
};
const [lastRun] = runs as [Run, ...Run[]];
export const pastDetail: RunDetail = {
  ...lastRun,
  jobs: jobs(53, 53, -2 * hour),
  throttles: [{ credentialId: 'c1', ownerSlug: 'backup.one', from: at(-2 * hour + minute), until: at(-2 * hour + 1.5 * minute) }],
  waits: [],
};
/** At the end of its window a third of it was left. */
export const pausedDetail: RunDetail = {
  ...run('rp', {
    state: 'paused',
    continues: 'r2',
    startedAt: at(-14 * hour),
    closesAt: at(-6 * hour),
    endedAt: at(-6 * hour + minute),
    counts: { saved: 20, unchanged: 14, skipped: 0, throttled: 0, failed: 1 },
    bytes: 212_000_000_000,
    requests: 9120,
  }),
  jobs: jobs(53, 35, -14 * hour).map((job) =>
    job.phase === 'running' ? { ...job, phase: 'waiting', startedAt: null, received: 0, requests: 0, credentialIds: [] } : job,
  ),
  throttles: [],
  waits: [],
};
/** Every user is throttled just now. */
export const waitingDetail: RunDetail = {
  ...liveDetail,
  jobs: liveDetail.jobs.map((job) => (job.phase === 'running' ? { ...job, outcome: { state: 'throttled', until: at(40_000) } } : job)),
  throttles: [...liveDetail.throttles, { credentialId: 'c1', ownerSlug: 'backup.one', from: at(-9000), until: at(61_000) }],
  waits: [...liveDetail.waits, { from: at(-9000), until: at(40_000) }],
};
/** Thousands of rows. */
export const wideDetail: RunDetail = { ...liveDetail, repos: 3210, jobs: jobs(3210, 900) };

const day = { requests: 318, bytes: 412_000_000, work: 4 * minute, milliseconds: 4 * minute, fit: null };
const all = { requests: 21_200, bytes: 41_300_000_000, work: 61 * minute, milliseconds: 61 * minute, fit: null };
/** What the runs of a plan will cost: known, or more than its window holds. */
export const forecasts = {
  usual: { daily: day, full: all, runs: 7, users: 2, rate: 8, limitsKnown: false },
  tooLong: {
    daily: { ...day, requests: 230_400, milliseconds: 16 * hour, fit: { kind: 'more-users', users: 2, windows: 2 } },
    full: { ...all, requests: 576_000, work: 20 * hour, milliseconds: 20 * hour, fit: { kind: 'too-long', windows: 3 } },
    runs: 7,
    users: 2,
    rate: 8,
    limitsKnown: true,
  },
} satisfies Record<string, Forecast>;
