import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Asked, asking } from './asking.ts';
import type { Project, Repo, Token, User } from './model.ts';
import { Simulator } from './simulator.ts';

let simulator: Simulator;
let alice: User;
let bob: User;
let app: Project;
let shop: Repo;
let admin: Token;
let writer: Token;
let ask: Asked;

beforeEach(async () => {
  simulator = await Simulator.start();
  const { state } = simulator;
  alice = state.addUser({ name: 'alice' });
  bob = state.addUser({ name: 'bob' });
  state.addGroup('developers', [bob]);
  app = state.addProject({ key: 'APP' });
  shop = state.addRepo({ project: app, name: 'shop' });
  state.grant(alice, 'PROJECT_ADMIN', app);
  state.grant(bob, 'REPO_WRITE', shop);
  state.grant(bob, 'PROJECT_READ', app);
  admin = state.addToken({ user: alice, name: 'admin', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
  writer = state.addToken({ user: bob, name: 'write', permissions: ['PROJECT_READ', 'REPO_WRITE'] });
  ask = asking(simulator, '/rest');
});

afterEach(() => simulator[Symbol.asyncDispose]());

const project = 'projects/APP';
const repo = `${project}/repos/shop`;
const anyRef = { id: 'whatever', type: { id: 'ANY_REF' } };
const main = { id: 'refs/heads/main', type: { id: 'BRANCH' } };

describe('webhooks', () => {
  const hook = { name: 'ci', url: 'https://ci.example.com', events: ['pr:opened'] };

  test('never tell a secret, and a change without it clears it', async () => {
    const path = `/api/latest/${repo}/webhooks`;
    const secrets = { configuration: { secret: 'canary-1', region: 'größe' }, credentials: { username: 'u', password: 'canary-2' } };
    const made = await ask('POST', path, admin, { ...hook, ...secrets, more: 'ignored' });
    const listed = await ask('GET', path, admin);
    expect(listed.body.at('values')).toMatchObject([
      { scopeType: 'repository', configuration: { region: 'größe' }, credentials: { username: 'u' } },
    ]);
    for (const { body } of [made, listed]) expect(JSON.stringify(body)).not.toMatch(/canary|more/);
    expect(JSON.stringify(shop.settings.get('webhooks'))).toContain('canary-1');
    await ask('PUT', `${path}/${String(made.body['id'])}`, admin, hook);
    expect(JSON.stringify(shop.settings.get('webhooks'))).not.toContain('canary');
  });

  test.each([
    ['no address', { ...hook, url: 'nowhere' }, 'url'],
    ['no event', { ...hook, events: [] }, 'events'],
    ['an unknown event', { ...hook, events: ['pr:eaten'] }, 'events'],
    ['no name', { ...hook, name: '' }, 'name'],
  ])('with %s are refused', async (_, body, context) => {
    const said = await ask('POST', `/api/latest/${repo}/webhooks`, admin, body);
    expect([said.status, said.body.at('errors.0.context')]).toEqual([400, context]);
  });
});

test('who has no right to settings is told so, and an unknown thing is not there', async () => {
  for (const path of [`/api/latest/${repo}/webhooks`, `/keys/latest/${repo}/ssh`, `/branch-permissions/latest/${project}/restrictions`]) {
    const said = await ask('GET', path, writer);
    expect([said.status, said.exception]).toEqual([401, 'AuthorisationException']);
  }
  const said = await ask('PUT', `/api/latest/${repo}/settings/auto-merge`, writer, { enabled: true });
  expect([said.status, said.exception]).toEqual([401, 'AuthorisationException']);
  expect((await ask('GET', `/api/latest/${repo}/settings/auto-merge`, writer)).status).toBe(200);
  const gone = await ask('DELETE', `/api/latest/${repo}/webhooks/99`, admin);
  expect([gone.status, gone.exception]).toEqual([404, 'NoSuchEntityException']);
});

describe('branch restrictions', () => {
  const path = `/branch-permissions/latest/${repo}/restrictions`;

  test('of one type on the same branches replace each other and keep the id', async () => {
    const first = await ask('POST', path, admin, { type: 'read-only', matcher: main, users: ['alice'] });
    const other = await ask('POST', path, admin, { type: 'no-deletes', matcher: main });
    const again = await ask('POST', path, admin, { type: 'read-only', matcher: main, groups: ['developers'] });
    expect(again.body['id']).toBe(first.body['id']);
    expect(other.body['id']).not.toBe(first.body['id']);
    expect((await ask('GET', path, admin)).body.at('values')).toMatchObject([
      { users: [], groups: ['developers'] },
      { type: 'no-deletes' },
    ]);
  });

  test('know users by name, groups by name, keys by number, and nothing by the published names', async () => {
    const ignored = { userSlugs: ['alice'], groupNames: ['developers'], accessKeyIds: [1] };
    const made = await ask('POST', path, admin, { type: 'read-only', matcher: anyRef, ...ignored });
    expect(made.body).toMatchObject({ users: [], groups: [], accessKeys: [], matcher: { id: 'ANY_REF_MATCHER_ID' } });
    for (const wrong of [
      { users: [{ name: 'alice' }] },
      { groups: ['strangers'] },
      { accessKeys: [99] },
      { matcher: {} },
      { type: 'odd' },
    ]) {
      expect((await ask('POST', path, admin, { type: 'read-only', matcher: anyRef, ...wrong })).status).toBe(400);
    }
  });

  test('come as a list under the media type for several, all of them or none', async () => {
    const several = (body: unknown) =>
      fetch(`${simulator.url}/rest${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${admin.secret}`,
          'content-type': 'application/vnd.atl.bitbucket.bulk+json',
          'x-atlassian-token': 'no-check',
        },
        body: JSON.stringify(body),
      });
    const one = { type: 'read-only', matcher: main };
    expect((await several(one)).status).toBe(400);
    expect((await several([one, { type: 'odd', matcher: main }])).status).toBe(400);
    expect(shop.settings.get('restrictions') ?? []).toEqual([]);
    expect((await several([one, { ...one, type: 'no-deletes' }])).status).toBe(200);
    expect((await ask('GET', path, admin)).body['size']).toBe(2);
  });
});

describe('what a project has', () => {
  test('is in the lists of its repositories, and can only be changed there', async () => {
    const condition = { sourceMatcher: anyRef, targetMatcher: main, requiredApprovals: 1, reviewers: [{ id: alice.id }] };
    await ask('POST', `/default-reviewers/latest/${project}/condition`, admin, condition);
    const group = await ask('POST', `/api/latest/${project}/settings/reviewer-groups`, admin, { name: 'all', users: [{ id: bob.id }] });
    await ask('POST', `/branch-permissions/latest/${project}/restrictions`, admin, { type: 'read-only', matcher: main });
    const scope = { type: 'PROJECT', resourceId: app.id };
    const reviewers = (await ask('GET', `/default-reviewers/latest/${repo}/conditions`, admin)).body['text'];
    expect(JSON.parse(String(reviewers))).toMatchObject([{ scope, reviewers: [{ name: 'alice' }] }]);
    for (const path of [`/api/latest/${repo}/settings/reviewer-groups`, `/branch-permissions/latest/${repo}/restrictions`]) {
      expect((await ask('GET', path, admin)).body.at('values.0.scope')).toEqual(scope);
    }
    expect((await ask('DELETE', `/api/latest/${repo}/settings/reviewer-groups/${String(group.body['id'])}`, admin)).status).toBe(404);
  });

  test('holds for a repository until it has its own', async () => {
    await ask('PUT', `/api/latest/${project}/settings/auto-decline`, admin, { enabled: false, inactivityWeeks: 9 });
    const path = `/api/latest/${repo}/settings/auto-decline`;
    expect((await ask('GET', path, admin)).body).toEqual({
      enabled: false,
      inactivityWeeks: 9,
      scope: { type: 'PROJECT', resourceId: app.id },
    });
    expect((await ask('PUT', path, admin, { enabled: true })).status).toBe(400);
    await ask('PUT', path, admin, { enabled: true, inactivityWeeks: 2 });
    expect((await ask('GET', path, admin)).body).toMatchObject({ inactivityWeeks: 2, scope: { type: 'REPOSITORY' } });
    await ask('DELETE', path, admin);
    expect((await ask('GET', path, admin)).body['inactivityWeeks']).toBe(9);
  });

  test('can be decided for every repository', async () => {
    await ask('PUT', `/api/latest/${project}/settings/auto-merge`, admin, { enabled: true, restrictionAction: 'CREATE' });
    const path = `/api/latest/${repo}/settings/auto-merge`;
    expect((await ask('GET', path, admin)).body).toMatchObject({ enabled: true, restrictionState: 'RESTRICTED_UNMODIFIABLE' });
    expect((await ask('PUT', path, admin, { enabled: false })).status).toBe(403);
  });
});

describe('people', () => {
  test.each([
    [
      '/default-reviewers/latest/R/condition',
      (user: object) => ({ sourceMatcher: anyRef, targetMatcher: anyRef, requiredApprovals: 0, reviewers: [user] }),
    ],
    ['/api/latest/R/settings/reviewer-groups', (user: object) => ({ name: 'Prüfer', users: [user] })],
  ])('at %s are known by number only', async (path, body) => {
    const at = path.replace('R', repo);
    expect((await ask('POST', at, admin, body({ name: 'alice', slug: 'alice' }))).status).toBe(400);
    expect((await ask('POST', at, admin, body({ id: alice.id }))).status).toBeLessThan(300);
  });

  test('and groups are found by a part of their name', async () => {
    expect((await ask('GET', '/api/latest/groups?filter=DEV', writer)).body['values']).toEqual(['developers']);
    expect((await ask('GET', '/api/latest/groups?filter=nobody', writer)).body['values']).toEqual([]);
    expect((await ask('GET', '/api/latest/users/carol', writer)).exception).toBe('NoSuchUserException');
  });
});

test('hooks are those installed, and some have to be configured before they are on', async () => {
  const hooks = `/api/latest/${repo}/settings/hooks`;
  const key = 'com.atlassian.bitbucket.server.bitbucket-bundled-hooks:requiredApproversMergeHook';
  expect((await ask('PUT', `${hooks}/com.example:none/enabled`, admin, {})).status).toBe(404);
  expect((await ask('GET', `${hooks}/${key}/settings`, admin)).status).toBe(204);
  expect((await ask('PUT', `${hooks}/${key}/enabled`, admin, {})).status).toBe(400);
  await ask('PUT', `${hooks}/${key}/settings`, admin, { requiredCount: '2' });
  expect((await ask('PUT', `${hooks}/${key}/enabled`, admin, {})).body).toMatchObject({ enabled: true, configured: true });
  expect((await ask('GET', `${hooks}?type=POST_RECEIVE`, admin)).body['size']).toBe(1);
});

test('pull request settings change only where the body says, and an empty merge configuration is none', async () => {
  const path = `/api/latest/${repo}/settings/pull-requests`;
  const check = 'com.atlassian.bitbucket.server.bundled-hooks.requiredApproversMergeHook';
  const mergeConfig = { defaultStrategy: { id: 'squash' }, strategies: [{ id: 'squash' }] };
  await ask('POST', path, admin, { requiredApprovers: 2, mergeConfig });
  const said = await ask('POST', path, admin, { requiredAllTasksComplete: true });
  expect(said.body).toMatchObject({ requiredApprovers: 2, [check]: { enabled: true, count: '2' }, requiredAllTasksComplete: true });
  expect(said.body.at('mergeConfig')).toMatchObject({ type: 'REPOSITORY', defaultStrategy: { id: 'squash', enabled: true } });
  expect((await ask('POST', path, admin, { mergeConfig: { ...mergeConfig, strategies: [{ id: 'ff' }] } })).status).toBe(400);
  expect((await ask('POST', path, admin, { [check]: { enabled: false }, mergeConfig: {} })).body).toMatchObject({
    requiredApprovers: 0,
    mergeConfig: { type: 'DEFAULT' },
  });
});

test('default tasks need both matchers, and say which branches they are for to nobody', async () => {
  const path = `/default-tasks/latest/${repo}/tasks`;
  expect((await ask('POST', path, admin, { description: 'Do', sourceMatcher: anyRef })).status).toBe(400);
  await ask('POST', path, admin, { description: 'Größe prüfen', sourceMatcher: anyRef, targetMatcher: main });
  expect((await ask('GET', path, admin)).body.at('values.0')).toEqual({ id: expect.any(Number) as number, description: 'Größe prüfen' });
});

test('access keys have to be keys, each once', async () => {
  const path = `/keys/latest/${repo}/ssh`;
  const text = `ssh-ed25519 ${Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0 of somebody with no such key here').toString('base64')}`;
  const wrong = await ask('POST', path, admin, { key: { text: 'ssh-rsa abc' }, permission: 'REPO_READ' });
  expect([wrong.status, wrong.body.at('errors.0')]).toMatchObject([400, { context: 'text', message: 'You must enter a valid public key' }]);
  const made = await ask('POST', path, admin, { key: { text: `${text} deploy@größe` }, permission: 'REPO_READ' });
  expect([made.status, made.body.at('key.label')]).toEqual([201, 'deploy@größe']);
  expect((await ask('POST', path, admin, { key: { text }, permission: 'REPO_READ' })).status).toBe(409);
});

test('the branching model has defaults, and is not there once it is switched off', async () => {
  const path = `/branch-utils/1.0/${repo}/branchmodel/configuration`;
  expect((await ask('GET', path, writer)).body).toMatchObject({ development: { useDefault: true, refId: null } });
  const types = [{ id: 'FEATURE', prefix: 'größe/' }];
  const body = { development: { refId: 'refs/heads/main' }, types };
  expect((await ask('PUT', path, admin, body)).body).toMatchObject({ types: [{ displayName: 'Feature', enabled: true }] });
  expect((await ask('PUT', path, admin, { ...body, types: [...types, { id: 'BUGFIX', prefix: 'größe/' }] })).status).toBe(400);
  await ask('DELETE', path, admin);
  expect((await ask('GET', path, writer)).exception).toBe('NoSuchEntityException');
});

test('only a fork can be synced', async () => {
  const said = await ask('POST', `/sync/latest/${repo}`, admin, { enabled: true });
  expect(said.status).toBe(400);
  simulator.state.addRepo({ project: app, name: 'fork', origin: shop });
  const path = `/sync/latest/${project}/repos/fork`;
  expect((await ask('POST', path, admin, { enabled: true })).body).toMatchObject({ available: true, enabled: true, aheadRefs: [] });
  expect((await ask('POST', path, admin, { enabled: false })).status).toBe(204);
  expect((await ask('GET', path, admin)).body['enabled']).toBe(false);
});

test('restricted settings are listed for a feature that is named', async () => {
  const path = `/api/latest/${project}/settings-restriction`;
  const feature = { namespace: 'com.example', featureKey: 'limits' };
  expect((await ask('POST', path, admin, feature)).body).toMatchObject({ ...feature, processedState: 'PROCESSED' });
  await ask('POST', path, admin, { ...feature, componentKey: 'one' });
  expect((await ask('POST', path, admin, feature)).status).toBe(409);
  expect((await ask('GET', `${path}/all?namespace=com.example&featureKey=limits`, admin)).body['size']).toBe(2);
  expect((await ask('GET', `${path}/all?namespace=com.example&featureKey=other`, admin)).body['size']).toBe(0);
  expect((await ask('GET', `${path}/all`, admin)).status).toBe(400);
});

test('a permission for everybody is given and taken', async () => {
  const path = `/api/latest/${project}/permissions/PROJECT_READ/all`;
  expect((await ask('GET', path, admin)).body).toEqual({ permitted: false });
  expect((await ask('POST', `${path}?allow=true`, admin, {})).status).toBe(204);
  expect((await ask('GET', path, admin)).body).toEqual({ permitted: true });
  expect((await ask('GET', path.replace('PROJECT_READ', 'NOTHING'), admin)).status).toBe(400);
});
