import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { User } from './model.ts';
import { missingFields, PublishedApi, recorded, referencePresent } from './openapi.ts';
import { type SampleWorld, sampleWorld } from './sample-world.ts';
import { Simulator } from './simulator.ts';

if (!referencePresent) console.warn('skipped: the published API is not beside the project (../shared/bitbucket)');

let simulator: Simulator;
let world: SampleWorld;

beforeAll(async () => {
  simulator = await Simulator.start();
  world = await sampleWorld(simulator);
  const { state, limits } = simulator;
  state.grant(world.bob, 'REPO_READ', world.repos[0] ?? expect.fail('no repository'));
  state.grant(state.groups[0] ?? expect.fail('no group'), 'REPO_WRITE', world.repos[0] ?? expect.fail('no repository'));
  state.grant(world.bob, 'PROJECT_READ', world.shop);
  limits.overrides.set(world.alice, { settings: { capacity: 10, fillRate: 1 } });
});

afterAll(() => simulator[Symbol.asyncDispose]());

async function call(method: string, path: string, more: { body?: object; user?: User; accept?: string } = {}) {
  const { body, user = world.admin } = more;
  const response = await fetch(simulator.url + path, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

const project = '/api/latest/projects/{projectKey}';
const repo = `${project}/repos/{repositorySlug}`;
const fill = (path: string): string =>
  `/rest${path}`
    .replace('{projectKey}', 'SHOP')
    .replace('{repositorySlug}', 'storefront')
    .replace('{userSlug}', 'alice')
    .replace('{pullRequestId}', '1');

const reads = [
  '/api/latest/application-properties',
  '/api/latest/projects',
  project,
  '/api/latest/repos',
  `${project}/repos`,
  repo,
  `${repo}/forks`,
  `${repo}/branches`,
  `${repo}/tags`,
  `${repo}/default-branch`,
  `${repo}/branches/default`,
  `${repo}/pull-requests`,
  `${repo}/pull-requests/{pullRequestId}`,
  `${repo}/pull-requests/{pullRequestId}/activities`,
  `${repo}/webhooks`,
  `${repo}/labels`,
  `${repo}/settings/hooks`,
  `${repo}/settings/pull-requests`,
  '/branch-permissions/latest/projects/{projectKey}/repos/{repositorySlug}/restrictions',
  '/default-tasks/latest/projects/{projectKey}/repos/{repositorySlug}/tasks',
  '/keys/latest/projects/{projectKey}/repos/{repositorySlug}/ssh',
  '/default-reviewers/latest/projects/{projectKey}/repos/{repositorySlug}/conditions',
  `${project}/permissions/users`,
  `${project}/permissions/groups`,
  `${repo}/permissions/users`,
  `${repo}/permissions/groups`,
  '/api/latest/users',
  '/api/latest/users/{userSlug}',
  '/access-tokens/latest/users/{userSlug}',
  '/access-tokens/latest/projects/{projectKey}',
  '/api/latest/admin/rate-limit/settings',
  '/api/latest/admin/rate-limit/settings/users',
  '/api/latest/admin/rate-limit/settings/users/{userSlug}',
  '/api/latest/admin/rate-limit/history',
];

describe.skipIf(!referencePresent)('beside the published API', () => {
  const api = referencePresent ? new PublishedApi() : undefined;

  test.each(reads)('GET %s answers as published', async (path) => {
    const { status, body } = await call('GET', fill(path));
    expect(status).toBe(200);
    expect(api?.problems(`GET ${path}`, status, body)).toEqual([]);
  });

  test('creates, reads, renames and deletes a token as published', async () => {
    const path = '/access-tokens/latest/users/{userSlug}';
    const asked = { name: 'fresh', permissions: ['REPO_READ'], expiryDays: 30 };
    const made = await call('PUT', fill(path), { body: asked, user: world.alice });
    expect(api?.problems(`PUT ${path}`, made.status, made.body)).toEqual([]);
    const item = `${path}/{tokenId}`;
    const at = `${fill(path)}/${(made.body as { id: string }).id}`;
    const read = await call('GET', at, { user: world.alice });
    expect(api?.problems(`GET ${item}`, read.status, read.body)).toEqual([]);
    const renamed = await call('POST', at, { body: { name: 'renamed' }, user: world.alice });
    expect(api?.problems(`POST ${item}`, renamed.status, renamed.body)).toEqual([]);
    const gone = await call('DELETE', at, { user: world.alice });
    expect(api?.problems(`DELETE ${item}`, gone.status, gone.body)).toEqual([]);
    expect(gone.status).toBe(204);
  });

  test.each([
    ['GET', project, '/rest/api/latest/projects/NOWHERE', 404],
    ['GET', repo, '/rest/api/latest/projects/SHOP/repos/nothing', 404],
    ['GET', '/access-tokens/latest/users/{userSlug}', '/rest/access-tokens/latest/users/alice', 401],
    ['PUT', '/access-tokens/latest/users/{userSlug}', '/rest/access-tokens/latest/users/bob', 400],
  ])('%s %s fails as published', async (method, operation, path, expected) => {
    const { status, body } = await call(method, path, { user: world.bob, ...(method === 'PUT' ? { body: {} } : {}) });
    expect(status).toBe(expected);
    expect(api?.problems(`${method} ${operation}`, status, body)).toEqual([]);
  });
});

describe.skipIf(!referencePresent)('beside recorded answers', () => {
  test.each([
    ['bitbucket-rest/project', project],
    ['bitbucket-rest/project-page-full', '/api/latest/projects'],
    ['bitbucket-rest/project-page-truncated', '/api/latest/projects?limit=1'],
    ['go-scm/repo', repo],
    ['bitbucket-rest/repository-page-truncated', '/api/latest/repos?limit=2'],
    ['go-scm/branches', `${repo}/branches`],
    ['go-scm/default_branch', `${repo}/branches/default`],
    ['go-scm/tags', `${repo}/tags`],
    ['go-scm/prs', `${repo}/pull-requests`],
    ['go-scm/user', '/api/latest/users/{userSlug}'],
    ['bitbucket-rest/project-permission-users', `${project}/permissions/users`],
    ['bitbucket-rest/project-permission-group', `${project}/permissions/groups`],
    ['bitbucket-rest/repository-permission-users', `${repo}/permissions/users`],
    ['bitbucket-rest/repository-permission-group', `${repo}/permissions/groups`],
    ['bitbucket-rest/version', '/api/latest/application-properties'],
    ['bitbucket-rest/project-not-exist', '/api/latest/projects/NOWHERE'],
    ['bitbucket-rest/repository-not-exist', '/api/latest/projects/SHOP/repos/nothing'],
    ['bitbucket-rest/pull-request-not-exist', `${repo}/pull-requests/99`],
  ])('%s has no field that the simulator lacks', async (name, path) => {
    const { body } = await call('GET', fill(path));
    expect(missingFields(recorded(name), body)).toEqual([]);
  });
});
