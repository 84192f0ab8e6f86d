import type { Instance } from '../instance.ts';
import type { Group, Project, Repo, User } from '../model.ts';
import { there } from '../there.ts';
import { asAdministrator } from './as-administrator.ts';

export interface SettingsToFill {
  readonly project: Project;
  readonly repo: Repo;
  /** At least two. */
  readonly users: readonly User[];
  readonly group: Group;
}

const anyRef = { id: 'ANY_REF_MATCHER_ID', type: { id: 'ANY_REF', name: 'Any branch' } };
const branch = (name: string) => ({ id: `refs/heads/${name}`, displayId: name, type: { id: 'BRANCH', name: 'Branch' } });
const pattern = (id: string) => ({ id, displayId: id, type: { id: 'PATTERN', name: 'Pattern' } });
const category = (id: string) => ({ id, displayId: id, type: { id: 'MODEL_CATEGORY', name: 'Branching model category' } });

const material = (text: string): string =>
  Buffer.from(`\0\0\0\x0bssh-ed25519\0\0\0 ${text.padEnd(32, '.').slice(0, 32)}`, 'latin1').toString('base64');
/** A public key that is one in form; nobody has the private half. */
const sshKey = (label: string): string => `ssh-ed25519 ${material(label)} ${label}`;

const bundled = 'com.atlassian.bitbucket.server.bitbucket-bundled-hooks';
const builds = 'com.atlassian.bitbucket.server.bitbucket-build';

/** At least two of every kind of setting on the repository, one of every kind on the project. Pushes to `main` stay possible. */
export async function fillSettings(instance: Instance, { project, repo, users, group }: SettingsToFill): Promise<void> {
  const [first, second] = [there(users[0]), there(users[1])];
  const ofProject = `projects/${project.key}`;
  const ofRepo = `${ofProject}/repos/${repo.slug}`;
  const send = (operation: string, body?: unknown) => asAdministrator(instance, operation, body);

  const numbered = (...some: readonly User[]) => some.map(({ id, name }) => ({ id, name }));
  const webhook = (name: string, url: string, events: readonly string[]) => ({ name, url, events, active: true });
  await send(`POST /api/latest/${ofProject}/webhooks`, {
    ...webhook('Überwachung', 'https://ci.example.com/project-hook', ['project:modified', 'pr:opened']),
    configuration: { secret: 'project-webhook-secret' },
  });
  await send(`POST /api/latest/${ofRepo}/webhooks`, {
    ...webhook('Bauen – 構築', 'https://ci.example.com/bitbucket-hook/?q=größe', ['repo:refs_changed', 'pr:merged']),
    configuration: { secret: 'repo-webhook-secret' },
  });
  await send(`POST /api/latest/${ofRepo}/webhooks`, {
    ...webhook('chat', 'http://chat.example.com/in', ['pr:comment:added', 'pr:reviewer:approved']),
    active: false,
    sslVerificationRequired: false,
    credentials: { username: 'chat', password: 'chat-webhook-password' },
  });

  for (const name of ['backend', 'größe', '決済']) await send(`POST /api/latest/${ofRepo}/labels`, { name });

  await send(`PUT /api/latest/${ofProject}/settings/hooks/${bundled}:force-push-hook/enabled`);
  await send(`PUT /api/latest/${ofRepo}/settings/hooks/${bundled}:verify-committer-hook/enabled`);
  for (const [key, requiredCount] of [
    [`${bundled}:requiredApproversMergeHook`, '2'],
    [`${builds}:requiredBuildsMergeCheck`, '1'],
  ]) {
    await send(`PUT /api/latest/${ofRepo}/settings/hooks/${key}/settings`, { requiredCount });
    await send(`PUT /api/latest/${ofRepo}/settings/hooks/${key}/enabled`);
  }
  await send(`PUT /api/latest/${ofRepo}/settings/hooks/com.example.bitbucket.notify:http-post-receive-hook/settings`, {
    url: 'https://notify.example.com/push?from=größe',
    method: 'POST',
  });
  fillHookScripts(instance, project, repo);

  await send(`POST /api/latest/${ofProject}/settings/pull-requests/git`, {
    mergeConfig: { defaultStrategy: { id: 'no-ff' }, strategies: [{ id: 'no-ff' }, { id: 'ff' }] },
  });
  await send(`POST /api/latest/${ofRepo}/settings/pull-requests`, {
    mergeConfig: {
      defaultStrategy: { id: 'squash' },
      strategies: [{ id: 'squash' }, { id: 'no-ff' }, { id: 'rebase-no-ff' }],
      commitSummaries: 5,
      // oxlint-disable-next-line no-template-curly-in-string -- what Bitbucket fills in
      commitMessageTemplate: { title: 'Zusammenführung: ${title}', body: '${description}' },
    },
    requiredAllTasksComplete: true,
    requiredApprovers: 2,
    requiredSuccessfulBuilds: 1,
    unapproveOnUpdate: true,
  });
  for (const [name, more] of [
    ['auto-merge', {}],
    ['change-author', {}],
    ['auto-decline', { inactivityWeeks: 8 }],
  ] as const) {
    await send(`PUT /api/latest/${ofProject}/settings/${name}`, { enabled: name !== 'auto-merge', ...more });
    await send(`PUT /api/latest/${ofRepo}/settings/${name}`, { enabled: true, ...more });
  }

  const reviewers = (name: string, some: readonly User[]) => ({
    name,
    description: `${name}: schaut alles durch`,
    users: numbered(...some),
  });
  await send(`POST /api/latest/${ofProject}/settings/reviewer-groups`, reviewers('Sicherheit', [first]));
  const made = (await send(`POST /api/latest/${ofRepo}/settings/reviewer-groups`, reviewers('Prüfer', [first, second]))) as { id: number };
  await send(`POST /api/latest/${ofRepo}/settings/reviewer-groups`, reviewers('フロント', [second]));

  const condition = { sourceMatcher: anyRef, targetMatcher: branch('main'), requiredApprovals: 1 };
  await send(`POST /default-reviewers/latest/${ofProject}/condition`, { ...condition, reviewers: numbered(first) });
  await send(`POST /default-reviewers/latest/${ofRepo}/condition`, { ...condition, reviewers: numbered(first, second) });
  await send(`POST /default-reviewers/latest/${ofRepo}/condition`, {
    ...condition,
    sourceMatcher: pattern('release/*'),
    requiredApprovals: 0,
    reviewers: numbered(second),
    reviewerGroups: [{ id: made.id }],
  });

  const task = (description: string) => ({ description, sourceMatcher: anyRef, targetMatcher: anyRef });
  await send(`POST /default-tasks/latest/${ofProject}/tasks`, task('Is the change log up to date?'));
  await send(`POST /default-tasks/latest/${ofRepo}/tasks`, task('Größe geprüft? ✅'));
  await send(`POST /default-tasks/latest/${ofRepo}/tasks`, { ...task('Release notes'), targetMatcher: category('RELEASE') });

  await send(`POST /required-builds/latest/${ofRepo}/condition`, { buildParentKeys: ['CI-Bau', 'LINT'], refMatcher: branch('main') });
  await send(`POST /required-builds/latest/${ofRepo}/condition`, {
    buildParentKeys: ['E2E'],
    refMatcher: anyRef,
    exemptRefMatcher: pattern('docs/**'),
    requiredForMergeQueue: true,
  });

  await send(`PUT /branch-utils/latest/${ofProject}/branchmodel/configuration`, { development: { useDefault: true }, types: prefixes('') });
  await send(`PUT /branch-utils/latest/${ofRepo}/branchmodel/configuration`, {
    development: { refId: 'refs/heads/main', useDefault: false },
    production: { refId: 'refs/heads/größe', useDefault: false },
    types: prefixes('our-'),
  });

  await send(`POST /keys/latest/${ofProject}/ssh`, { key: { text: sshKey('everything@project') }, permission: 'PROJECT_READ' });
  const deploy = (await send(`POST /keys/latest/${ofRepo}/ssh`, {
    key: { text: sshKey('deploy@shop'), label: 'Auslieferung – 納品' },
    permission: 'REPO_READ',
  })) as { key: { id: number } };
  await send(`POST /keys/latest/${ofRepo}/ssh`, { key: { text: sshKey('robot@shop') }, permission: 'REPO_WRITE' });

  const exempt = { users: [first.name], groups: [group.name] };
  await send(`POST /branch-permissions/latest/${ofProject}/restrictions`, { type: 'no-deletes', matcher: branch('main'), ...exempt });
  await send(`POST /branch-permissions/latest/${ofRepo}/restrictions`, {
    type: 'read-only',
    matcher: pattern('gesperrt/größe-*'),
    ...exempt,
    accessKeys: [deploy.key.id],
  });
  await send(`POST /branch-permissions/latest/${ofRepo}/restrictions`, { type: 'fast-forward-only', matcher: branch('main') });

  await send(`POST /api/latest/${ofProject}/secret-scanning/rules`, { name: 'Projektschlüssel', lineRegex: 'PROJ-[0-9a-f]{32}' });
  await send(`POST /api/latest/${ofProject}/secret-scanning/allowlist`, { name: 'docs', pathRegex: '^docs/' });
  await send(`POST /api/latest/${ofProject}/secret-scanning/exempt`, [{ projectKey: project.key, slug: repo.slug }]);
  await send(`POST /api/latest/${ofRepo}/secret-scanning/rules`, {
    name: 'Zahlungsschlüssel 🔑',
    lineRegex: String.raw`pay_\w{24}`,
    pathRegex: '.*',
  });
  await send(`POST /api/latest/${ofRepo}/secret-scanning/rules`, { name: 'pem files', pathRegex: String.raw`\.pem$` });
  await send(`POST /api/latest/${ofRepo}/secret-scanning/allowlist`, { name: 'test keys', lineRegex: 'pay_test' });
  await send(`POST /api/latest/${ofRepo}/secret-scanning/allowlist`, { name: 'fixtures', pathRegex: '^test/größe/' });

  await send(`POST /api/latest/${ofProject}/settings-restriction`, { namespace: 'com.example.größe', featureKey: 'limits' });
  await send(`POST /api/latest/${ofProject}/settings-restriction`, {
    namespace: 'com.atlassian.bitbucket.server.bitbucket-bundled-hooks',
    featureKey: 'hooks',
    componentKey: `${bundled}:force-push-hook`,
  });
  if (repo.origin !== undefined) await send(`POST /sync/latest/${ofRepo}`, { enabled: true });

  await send(`POST /api/latest/${ofProject}/permissions/PROJECT_READ/all?allow=true`);
  const encoded = encodeURIComponent(group.name);
  await send(`PUT /api/latest/${ofProject}/permissions/groups?permission=PROJECT_WRITE&name=${encoded}`);
  await send(`PUT /api/latest/${ofRepo}/permissions/groups?permission=REPO_WRITE&name=${encoded}`);
}

const prefixes = (before: string) =>
  ['BUGFIX', 'FEATURE', 'HOTFIX', 'RELEASE'].map((id) => ({ id, enabled: id !== 'HOTFIX', prefix: `${before}${id.toLowerCase()}/` }));

/** Only a system administrator puts scripts on a server, which no request here is. */
function fillHookScripts({ clock }: Instance, project: Project, repo: Repo): void {
  const config = (on: Project | Repo, type: string, name: string, triggerIds: readonly string[]) => ({
    scope: { type, resourceId: on.id },
    script: {
      id: on.nextId(),
      version: 1,
      name,
      description: `${name} – geprüft`,
      type: 'PRE',
      pluginKey: 'com.example.scripts',
      createdDate: clock.now(),
      updatedDate: clock.now(),
    },
    triggerIds,
  });
  project.settings.set('hook-scripts', [config(project, 'PROJECT', 'Größenwächter', ['repo-push'])]);
  repo.settings.set('hook-scripts', [
    config(repo, 'REPOSITORY', 'check-names', ['repo-push', 'branch-create']),
    config(repo, 'REPOSITORY', '署名', ['tag-create']),
  ]);
}
