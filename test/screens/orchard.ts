import type { Credential, Health } from '@gitprotect/shared/credential';
import type { Plan, PlanAccount } from '@gitprotect/shared/plan';
import type { Result } from '@gitprotect/shared/protocol';
import type { Server } from '@gitprotect/shared/server';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import type { AgentStatus } from '@gitprotect/shared/status';

/** A small company's backups, as of `now`. */
const now = Date.now();
export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
export const at = (offset: number): string => new Date(now + offset).toISOString();

const healthy: Health = { state: 'healthy', checkedAt: at(-hour), message: null };

export const server: Server = { id: 's1', url: 'https://bitbucket.example.com', version: '9.4.2', hasCa: true, addedAt: at(-90 * day) };

const owner = (slug: string, displayName: string) => ({ name: slug, slug, displayName });

export const credentials: Credential[] = [
  {
    id: 'c1',
    serverId: 's1',
    name: 'backup-nightly',
    tokenId: '123456789012',
    kind: 'user',
    owner: owner('backup.one', 'Backup One'),
    permissions: ['PROJECT_READ', 'REPO_READ'],
    expiresAt: at(89 * day),
    health: healthy,
    attachments: [
      { projectId: 'p1', own: true, sees: 41, of: 41 },
      { projectId: 'p2', own: true, sees: 11, of: 12 },
    ],
    plans: [{ id: 'n1', name: 'Nightly' }],
    addedAt: at(-60 * day),
    lastUsedAt: at(-2 * hour),
  },
  {
    id: 'c2',
    serverId: 's1',
    name: 'ci-clone',
    tokenId: '223456789012',
    kind: 'user',
    owner: owner('tomasz.b', 'Tomasz B.'),
    permissions: ['REPO_READ'],
    expiresAt: at(6 * day),
    health: { state: 'expires-soon', checkedAt: at(-hour), message: 'expires in 6 days' },
    attachments: [
      { projectId: 'p1', own: false, sees: 38, of: 41 },
      { projectId: 'p2', own: false, sees: 11, of: 12 },
    ],
    plans: [{ id: 'n1', name: 'Nightly' }],
    addedAt: at(-30 * day),
    lastUsedAt: at(-2 * hour),
  },
  {
    id: 'c3',
    serverId: 's1',
    name: 'backup-spare',
    tokenId: '323456789012',
    kind: 'user',
    owner: owner('backup.one', 'Backup One'),
    permissions: ['REPO_READ'],
    expiresAt: null,
    health: healthy,
    attachments: [{ projectId: 'p1', own: false, sees: 41, of: 41 }],
    plans: [],
    addedAt: at(-20 * day),
    lastUsedAt: null,
  },
  {
    id: 'c4',
    serverId: 's1',
    name: 'old-jenkins',
    tokenId: '423456789012',
    kind: 'user',
    owner: owner('jenkins', 'Jenkins'),
    permissions: ['REPO_READ'],
    expiresAt: at(-12 * day),
    health: { state: 'expired', checkedAt: at(-hour), message: 'has expired' },
    attachments: [{ projectId: 'p1', own: false, sees: 41, of: 41 }],
    plans: [],
    addedAt: at(-200 * day),
    lastUsedAt: at(-13 * day),
  },
];

const orchardRepos = ['apple-sorter', 'barn', 'cellar', 'juice-api', 'ledger', 'orchard-web', 'press-line', 'vault-keys'];
/** The spare account alone sees one repo, and nobody another. */
export const coverage: Result<'project.coverage'> = {
  accounts: credentials.map(({ id, name, owner, plans }) => ({
    credentialId: id,
    name,
    ownerSlug: owner?.slug ?? null,
    inUse: plans.length > 0,
    right: id === 'c2' ? 'write' : 'read',
  })),
  repos: orchardRepos.map((slug, index) => ({
    id: index + 1,
    slug,
    archived: slug === 'barn',
    seenBy: slug === 'vault-keys' ? [] : slug === 'ledger' ? ['c3'] : slug === 'cellar' ? ['c1', 'c3'] : ['c1', 'c2', 'c3', 'c4'],
    lastSeenAt: at(-2 * hour),
  })),
};

export const projects: Result<'project.list'> = [
  {
    id: 'p1',
    serverId: 's1',
    key: 'ORCH',
    name: 'Orchard',
    bitbucketId: 11,
    addedAt: at(-60 * day),
    serverUrl: server.url,
    credentialIds: ['c1', 'c2', 'c3', 'c4'],
    ownCredentialId: 'c1',
    coverage: { repos: 41, uncovered: [], checkedAt: at(-2 * hour) },
    lastSnapshotAt: at(-2 * hour),
    proof: { repos: 41, proven: 41, since: at(-6 * day), failed: [] },
    warnings: [],
    news: [
      { at: at(-2 * hour), credentialId: 'c1', message: 'ORCH/press-line is new' },
      { at: at(-26 * hour), credentialId: 'c2', message: '“ci-clone” no longer sees ORCH/cellar, ORCH/ledger, ORCH/vault-keys' },
    ],
  },
  {
    id: 'p2',
    serverId: 's1',
    key: 'HARB',
    name: 'Harbour',
    bitbucketId: 12,
    addedAt: at(-50 * day),
    serverUrl: server.url,
    credentialIds: ['c1', 'c2'],
    ownCredentialId: 'c1',
    coverage: { repos: 12, uncovered: ['vault-keys'], checkedAt: at(-2 * hour) },
    lastSnapshotAt: at(-2 * hour),
    proof: { repos: 11, proven: 10, since: at(-6 * day), failed: ['HARB/pier'] },
    warnings: ['1 repository that no credential sees'],
  },
  {
    id: 'p3',
    serverId: 's1',
    key: 'LAB',
    name: null,
    bitbucketId: null,
    addedAt: at(-day),
    serverUrl: server.url,
    credentialIds: [],
    ownCredentialId: null,
    coverage: { repos: 0, uncovered: [], checkedAt: null },
    lastSnapshotAt: null,
    warnings: ['No credential yet: add one, or nothing can be backed up'],
  },
];

const account = (credential: Credential, more: Partial<PlanAccount>): PlanAccount => ({
  credentialId: credential.id,
  name: credential.name,
  ownerSlug: credential.owner?.slug ?? null,
  health: credential.health,
  own: false,
  enabled: false,
  sameUserAs: null,
  ...more,
});
const [c1, c2, c3, c4] = credentials as [Credential, Credential, Credential, Credential];

export const nightly: Plan = {
  id: 'n1',
  name: 'Nightly',
  projectIds: ['p1', 'p2'],
  schedule: { cron: '0 2 * * *', timeZone: 'Europe/Warsaw' },
  window: null,
  share: 80,
  keep: { daily: 7, weekly: 4, monthly: 12 },
  additional: { enabled: true, credentialIds: ['c2'] },
  leaveOut: [],
  copyTo: null,
  createdAt: at(-60 * day),
  accounts: [account(c1, { own: true, enabled: true }), account(c2, { enabled: true }), account(c3, { sameUserAs: 'c1' }), account(c4, {})],
  users: 2,
  repos: 53,
  lastRun: { id: 'r2', state: 'partial', startedAt: at(-2 * hour), endedAt: at(-2 * hour + 4 * minute) },
  nextDue: at(9 * hour),
  running: null,
  warnings: ['no enabled account sees HARB/vault-keys'],
};
/** Shut now, whenever that is. */
const shut = { from: at(2 * hour).slice(11, 16), to: at(10 * hour).slice(11, 16), timeZone: 'UTC' };
export const windowed: Plan = {
  ...nightly,
  window: shut,
  lastRun: { id: 'rp', state: 'paused', startedAt: at(-14 * hour), endedAt: at(-6 * hour) },
  nextDue: at(2 * hour),
};
export const weekly: Plan = {
  ...nightly,
  id: 'n2',
  name: 'Weekly full check',
  projectIds: ['p1'],
  schedule: { cron: '0 4 * * 0', timeZone: 'Europe/Warsaw' },
  window: null,
  share: 80,
  keep: {},
  additional: { enabled: false, credentialIds: [] },
  accounts: [account(c1, { own: true, enabled: false }), account(c2, {}), account(c3, { sameUserAs: 'c1' })],
  users: 1,
  repos: 41,
  lastRun: null,
  nextDue: at(6 * day),
  warnings: [],
};

export const slugs = ['core', 'site', 'vault-keys', 'monorepo', 'mobile-app', 'payments', 'infra', 'docs', 'design-system'];

export const snapshots: Snapshot[] = slugs.flatMap((slug, repo) =>
  Array.from({ length: repo === 0 ? 14 : 3 }, (_, index) => ({
    id: String(20 - index).padStart(8, '0'),
    serverId: 's1',
    repoId: repo + 1,
    projectKey: 'ORCH',
    slug,
    runId: 'r1',
    takenAt: at(-2 * hour - index * day),
    kind: index === 2 ? ('full' as const) : ('incremental' as const),
    leansOn: repo === 1 ? { repoId: 1, snapshotId: '00000018' } : null,
    objectFormat: 'sha1' as const,
    refs: 812 - index,
    head: 'refs/heads/main',
    bytes: 366_000 * (index + 1),
    chainBytes: 48_000_000,
    chainLength: 12,
    warnings: repo === 3 && index === 0 ? ['3 large files are lost on the server'] : [],
    metadata: {
      details: { state: 'saved' as const, records: 1 },
      'pull-requests': { state: 'saved' as const, records: 311 - index },
      attachments: { state: 'saved' as const, records: 17 },
      labels: { state: 'saved' as const, records: 1 },
      'branch-restrictions': { state: 'saved' as const, records: 1 },
      webhooks: index === 1 ? { state: 'not-permitted' as const } : { state: 'saved' as const, records: 1 },
      'access-keys': index === 1 ? { state: 'not-permitted' as const } : { state: 'saved' as const, records: 1 },
    },
    lfs: { objects: 12, bytes: 48_000_000, missing: [] },
    ...(index === 2 && { proof: { at: at(-2 * day), proven: true, problems: [] } }),
    ...(index === 1 && repo === 0 && { proof: { at: at(-day), proven: false, problems: ['refs/heads/main is missing'] } }),
  })),
);

export const status: AgentStatus = {
  upkeep: [
    {
      step: 'verify',
      state: 'done',
      startedAt: at(-2 * hour),
      endedAt: at(-2 * hour),
      message: '4,812 objects in place, 690 of them read (6.2 GB) and as written',
      remedy: null,
    },
    {
      step: 'drill',
      state: 'failed',
      startedAt: at(-2 * hour),
      endedAt: at(-hour),
      message: '1 repository of 9 could not be rebuilt: HARB/pier',
      remedy: 'run their plan: it takes a new full backup by itself, of all that Bitbucket still has',
    },
  ],
  proof: { repos: 52, proven: 51, since: at(-6 * day), failed: ['HARB/pier'] },
  version: '0.1.0',
  startedAt: at(-3 * day),
  port: 7717,
  home: '/home/ops/.local/share/gitprotect',
  vault: { kind: 'keychain', locked: false, warning: null },
  storage: { id: 'st1', place: '/srv/backups/gitprotect', freeBytes: 812_000_000_000, problem: null },
  counts: { servers: 1, projects: 3, credentials: 4, plans: 2, snapshots: 1204 },
  running: [],
  needs: [{ message: 'no account sees HARB/vault-keys', remedy: 'add one that may read it', route: 'bitbucket/p2' }],
};

export const pairings: Result<'pairing.list'> = [
  {
    id: 'b1',
    name: 'Chrome',
    kind: 'extension',
    origin: 'chrome-extension://dpmffplakdbkjidnjkglojojkmndlimg',
    createdAt: at(-60 * day),
    lastSeenAt: at(-minute),
  },
  { id: 'b2', name: 'Firefox', kind: 'extension', origin: 'moz-extension://6f1c7c5e', createdAt: at(-9 * day), lastSeenAt: at(-3 * day) },
  { id: 'b3', name: 'command line', kind: 'cli', origin: 'cli', createdAt: at(-60 * day), lastSeenAt: null },
];
