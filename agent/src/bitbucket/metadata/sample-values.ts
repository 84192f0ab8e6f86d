/** A value of each kind that can be compared, as a server sends it: for tests. */
const user = (id: number, name: string) => ({
  id,
  name,
  slug: name,
  displayName: name.toUpperCase(),
  emailAddress: `${name}@example.com`,
  active: true,
  type: 'NORMAL',
  links: { self: [{ href: `https://bitbucket.example.com/users/${name}` }] },
});
const anyBranch = { id: 'ANY_REF_MATCHER_ID', displayId: 'ANY_REF_MATCHER_ID', type: { id: 'ANY_REF', name: 'Any branch' }, active: true };
const main = { id: 'refs/heads/main', displayId: 'main', type: { id: 'BRANCH', name: 'Branch' }, active: true };
const releases = { id: 'release/*', displayId: 'release/*', type: { id: 'PATTERN', name: 'Pattern' }, active: true };
const key = { id: 11, text: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGRlcGxveQ deploy', label: 'deploy' };
const scope = { type: 'REPOSITORY', resourceId: 7 };
const strategy = (id: string, enabled: boolean) => ({ id, enabled, name: id, description: id, flag: `--${id}` });

export const sampleValues = {
  lfs: { enabled: true },
  details: { id: 7, slug: 'store', name: 'Store', description: 'All of it', forkable: false, public: false, archived: true },
  avatar: { contentType: 'image/png', base64: 'iVBORw0KGgo=' },
  labels: [{ name: 'backend' }, { name: 'java' }],
  'branch-model': {
    development: { refId: 'refs/heads/develop', useDefault: false },
    production: { refId: 'refs/heads/main', useDefault: false },
    types: [
      { id: 'BUGFIX', displayName: 'Bugfix', enabled: true, prefix: 'fix/' },
      { id: 'FEATURE', displayName: 'Feature', enabled: false, prefix: 'feature/' },
    ],
    scope,
  },
  'pull-request-settings': {
    mergeConfig: {
      defaultStrategy: strategy('squash', true),
      strategies: [strategy('no-ff', true), strategy('squash', true), strategy('ff', false)],
      type: 'REPOSITORY',
      commitSummaries: 20,
    },
    requiredAllApprovers: false,
    requiredAllTasksComplete: true,
    requiredApprovers: 2,
    requiredSuccessfulBuilds: 1,
    unapproveOnUpdate: true,
  },
  hooks: [
    {
      hook: {
        details: {
          key: 'com.atlassian.bitbucket.server.bitbucket-bundled-hooks:force-push-hook',
          name: 'Reject Force Push',
          version: '5.0.0',
        },
        enabled: true,
        configured: false,
        scope,
      },
      settings: null,
    },
    {
      hook: {
        details: { key: 'com.example.bitbucket.notify:http-post-receive-hook', name: 'HTTP request after a push', version: '1.2' },
        enabled: true,
        configured: true,
        scope,
      },
      settings: { url: 'https://notify.example.com/', strict: true },
    },
  ],
  'auto-merge': { enabled: true, restrictionState: 'NONE', scope },
  'auto-decline': { enabled: true, inactivityWeeks: 8, scope },
  'change-author': { enabled: true, restrictionState: 'NONE', scope },
  'reviewer-groups': [{ id: 5, name: 'backend', description: 'who knows it', users: [user(1, 'alice'), user(2, 'bob')], scope }],
  'default-reviewers': [
    {
      id: 3,
      scope,
      sourceRefMatcher: anyBranch,
      targetRefMatcher: main,
      reviewers: [user(2, 'bob'), user(1, 'alice')],
      reviewerGroups: [],
      requiredApprovals: 1,
    },
  ],
  'default-tasks': [
    { id: 1, description: 'Update the changelog', html: '<p>…</p>', sourceMatcher: anyBranch, targetMatcher: releases, scope },
  ],
  'required-builds': [{ id: 15, buildParentKeys: ['STORE-TEST', 'STORE-BUILD'], refMatcher: main, requiredForPullRequest: true }],
  'access-keys': [{ key, permission: 'REPO_READ', repository: { id: 7, slug: 'store' } }],
  webhooks: [
    {
      id: 10,
      name: 'ci',
      createdDate: 1513106011000,
      updatedDate: 1513106011000,
      events: ['repo:refs_changed', 'pr:opened'],
      configuration: { createdBy: 'bitbucket' },
      url: 'https://ci.example.com/hook',
      active: true,
      scopeType: 'repository',
      sslVerificationRequired: true,
    },
  ],
  'secret-scanning': {
    rules: [{ id: 7, name: 'house token', lineRegex: 'house-[a-z]{20}', scope }],
    allowlist: [{ id: 8, name: 'samples', pathRegex: 'samples/.*' }],
    exempt: true,
  },
  'fork-sync': { available: true, enabled: true, lastSync: 1331038800000, aheadRefs: [], divergedRefs: [], orphanedRefs: [] },
  'user-permissions': [
    { user: user(1, 'alice'), permission: 'REPO_WRITE' },
    { user: user(2, 'bob'), permission: 'REPO_READ' },
  ],
  'group-permissions': [{ group: { name: 'developers' }, permission: 'REPO_WRITE' }],
  'default-permissions': { PROJECT_READ: true, PROJECT_WRITE: false },
  'branch-restrictions': [
    { id: 839, scope, type: 'no-deletes', matcher: main, users: [user(1, 'alice')], groups: ['developers'], accessKeys: [{ key }] },
    { id: 840, scope, type: 'fast-forward-only', matcher: releases, users: [], groups: [], accessKeys: [] },
  ],
} as const;
