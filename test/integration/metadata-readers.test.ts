import { readers } from '@gitprotect/agent/bitbucket/metadata/all-readers';
import { collect } from '@gitprotect/agent/bitbucket/metadata/collect';
import type { ReadingOptions } from '@gitprotect/agent/bitbucket/metadata/kind-reader';
import { bitbucketClient, type BitbucketClient } from '@gitprotect/agent/bitbucket/client';
import { type Reader, readerOf } from '@gitprotect/agent/bitbucket/reader';
import { Secret } from '@gitprotect/agent/lib/secret';
import { AppError } from '@gitprotect/shared/errors';
import type { MetadataKind } from '@gitprotect/shared/metadata';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sampleWorld, type SampleWorld } from '../bitbucket/sample-world.ts';
import { Simulator } from '../bitbucket/simulator.ts';

let simulator: Simulator;
let world: SampleWorld;
let client: BitbucketClient;

beforeEach(async () => {
  // Smaller than any page that is asked for: lists must be followed.
  simulator = await Simulator.start({ pageLimit: 2 });
  world = await sampleWorld(simulator);
  client = bitbucketClient({ baseUrl: simulator.url });
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

const repo = { projectKey: 'SHOP', slug: 'storefront' };
const project = { projectKey: 'SHOP', slug: null };
const core = '/rest/api/latest/projects/SHOP/repos/storefront';
const options: ReadingOptions = { signal: new AbortController().signal, stampOf: () => undefined, now: Date.UTC(2026, 10, 24) };

function as(user: SampleWorld['admin'], permissions: ('PROJECT_ADMIN' | 'REPO_ADMIN' | 'PROJECT_READ' | 'REPO_READ')[]): Reader {
  return client.as(new Secret(simulator.state.addToken({ user, name: 'backup', permissions }).secret));
}
const asAdmin = (): Reader => as(world.admin, ['PROJECT_ADMIN', 'REPO_ADMIN']);

function read(kind: MetadataKind, scope: typeof repo | typeof project, from = asAdmin(), more: Partial<ReadingOptions> = {}) {
  const reader = readers.find((one) => one.kind === kind);
  if (reader === undefined) throw new TypeError(`no reader of ${kind}`);
  return collect(reader.read(from, scope, { ...options, ...more }));
}

/** Why kinds cannot be read, by kind; what can be read is absent. */
async function refusals(
  kinds: readonly MetadataKind[],
  scope: typeof repo | typeof project,
  from?: Reader,
): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const kind of kinds) {
    await read(kind, scope, from).catch((error: unknown) => {
      found[kind] = error instanceof AppError ? error.code : error;
    });
  }
  return found;
}

function first<T>(list: readonly T[]): T {
  const [item] = list;
  if (item === undefined) throw new TypeError('an empty list');
  return item;
}

const all = (kinds: readonly MetadataKind[], code: string) => Object.fromEntries(kinds.map((kind) => [kind, code]));

/** What a person with a password does in the web interface. */
async function call(method: string, path: string, body?: object): Promise<unknown> {
  const { name, password } = world.admin;
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/json', 'x-atlassian-token': 'no-check' };
  const response = await fetch(simulator.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

const anyRef = { id: 'ANY_REF_MATCHER_ID', displayId: 'ANY_REF_MATCHER_ID', type: { id: 'ANY_REF', name: 'Any branch' }, active: true };

test.each<[MetadataKind, string, (index: number) => object, string]>([
  [
    'webhooks',
    `${core}/webhooks`,
    (index) => ({ name: `ci ${index}`, url: `https://ci.example.com/${index}`, events: ['repo:refs_changed'], active: true }),
    'name',
  ],
  ['labels', `${core}/labels`, (index) => ({ name: `label-${index}` }), 'name'],
  [
    'branch-restrictions',
    '/rest/branch-permissions/latest/projects/SHOP/repos/storefront/restrictions',
    (index) => ({
      type: ['read-only', 'no-deletes', 'fast-forward-only'][index],
      matcher: { id: 'refs/heads/main', displayId: 'main', type: { id: 'BRANCH', name: 'Branch' }, active: true },
      users: [],
      groups: [],
      accessKeys: [],
    }),
    'type',
  ],
  [
    'default-tasks',
    '/rest/default-tasks/latest/projects/SHOP/repos/storefront/tasks',
    (index) => ({ description: `Task ${index}`, sourceMatcher: anyRef, targetMatcher: anyRef }),
    'description',
  ],
  [
    'access-keys',
    '/rest/keys/latest/projects/SHOP/repos/storefront/ssh',
    (index) => ({ key: { text: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGRlcGxveQ${index} deploy${index}` }, permission: 'REPO_READ' }),
    'permission',
  ],
])('%s of a repo are read to the end of the list', async (kind, path, make, field) => {
  const made: Record<string, unknown>[] = [];
  for (const index of [0, 1, 2]) made.push((await call('POST', path, make(index))) as Record<string, unknown>);
  const records = await read(kind, repo);
  expect(records).toEqual([{ key: '-', value: expect.any(Array) }]);
  const [record] = records as { value: Record<string, unknown>[] }[];
  const named = (items: readonly Record<string, unknown>[] = []) => items.map((item) => String(item[field])).toSorted();
  expect(named(record?.value)).toEqual(named(made));
});

test('default reviewers are a bare list', async () => {
  const condition = { sourceMatcher: anyRef, targetMatcher: anyRef, reviewers: [{ id: world.bob.id, name: 'bob' }], requiredApprovals: 1 };
  await call('POST', '/rest/default-reviewers/latest/projects/SHOP/repos/storefront/condition', condition);
  expect(await read('default-reviewers', repo)).toMatchObject([{ key: '-', value: [{ requiredApprovals: 1 }] }]);
});

test('hooks are a list, each with its settings', async () => {
  expect(await read('hooks', repo)).toEqual([{ key: '-', value: expect.any(Array) }]);
});

test('pull request settings are an object', async () => {
  await call('POST', `${core}/settings/pull-requests`, { requiredApprovers: 2, requiredAllTasksComplete: true });
  expect(await read('pull-request-settings', repo)).toMatchObject([{ key: '-', value: { requiredAllTasksComplete: true } }]);
});

test('details are what the server says of a project and a repo', async () => {
  expect(await read('details', project)).toEqual([{ key: '-', value: await call('GET', '/rest/api/latest/projects/SHOP') }]);
  expect(await read('details', repo)).toEqual([{ key: '-', value: await call('GET', core) }]);
});

test('permissions of users and groups are read at both levels', async () => {
  const { state } = simulator;
  const storefront = first(world.repos);
  for (const name of ['cem', 'dora']) state.grant(state.addUser({ name }), 'REPO_READ', storefront);
  state.grant(world.bob, 'REPO_WRITE', storefront);
  const [users] = (await read('user-permissions', repo)) as { value: { user: { name: string }; permission: string }[] }[];
  expect(users?.value.map(({ user, permission }) => `${user.name} ${permission}`).toSorted()).toEqual([
    'bob REPO_WRITE',
    'cem REPO_READ',
    'dora REPO_READ',
  ]);
  expect(await read('group-permissions', project)).toEqual([
    { key: '-', value: [{ group: { name: 'developers' }, permission: 'PROJECT_WRITE' }] },
  ]);
  expect(await read('group-permissions', repo)).toEqual([{ key: '-', value: [] }]);
  expect(await read('user-permissions', project)).toEqual([{ key: '-', value: [] }]);
});

test('the switch of Git LFS is read as it is', async () => {
  expect(await read('lfs', repo)).toEqual([{ key: '-', value: { enabled: false } }]);
  await call('PUT', '/rest/git-lfs/admin/projects/SHOP/repos/storefront/enabled');
  expect(await read('lfs', repo)).toEqual([{ key: '-', value: { enabled: true } }]);
});

test('pull requests in every state are read once, and again only when something changed', async () => {
  const known = await read('pull-requests', repo);
  expect(known.map(({ key }) => key)).toEqual(['1', '2', '3']);
  for (const record of known) {
    const of = `${core}/pull-requests/${record.key}`;
    const { values } = (await call('GET', `${of}/activities`)) as { values: unknown[] };
    expect(record).toMatchObject({ value: { pullRequest: { id: Number(record.key) }, activities: values } });
  }
  const stamps = new Map(known.map((record) => [record.key, 'stamp' in record ? record.stamp : undefined]));
  const stampOf: ReadingOptions['stampOf'] = (kind, key) => (kind === 'pull-requests' ? stamps.get(key) : undefined);

  const pull = first(first(world.repos).pullRequests.slice(1));
  Object.assign(pull, { title: 'Search by name and price', version: pull.version + 1 });
  simulator.requests.length = 0;
  const second = await read('pull-requests', repo, asAdmin(), { stampOf });
  expect(second).toMatchObject([
    { key: '1', same: true },
    { key: '2', value: { pullRequest: { title: 'Search by name and price' } } },
    { key: '3', same: true },
  ]);
  const asked = simulator.requests.filter(({ path }) => path.startsWith(`${core}/pull-requests`));
  expect(asked.map(({ path }) => path.slice(core.length)).toSorted()).toEqual([
    '/pull-requests',
    '/pull-requests',
    '/pull-requests/2/activities',
  ]);
});

test('an open pull request in which nothing can be seen to change is read again within a week', async () => {
  const [known] = await read('pull-requests', repo);
  const stampOf: ReadingOptions['stampOf'] = (_, key) => (key === known?.key && 'stamp' in known ? known.stamp : undefined);
  const day = 86_400_000;
  const again: number[] = [];
  for (let days = 1; days <= 7; days += 1) {
    const [record] = await read('pull-requests', repo, asAdmin(), { stampOf, now: options.now + days * day });
    if (record !== undefined && 'value' in record) again.push(days);
  }
  expect(again.at(-1)).toBe(7);
});

test('what a reader without rights may not read is refused as such, and what it may is read', async () => {
  const bob = as(world.bob, ['PROJECT_READ', 'REPO_READ']);
  const permissions = ['user-permissions', 'group-permissions'] as const;
  const ofAdmins = ['webhooks', 'branch-restrictions', 'access-keys', ...permissions] as const;
  const ofReaders = ['details', 'labels', 'pull-request-settings', 'pull-requests', 'lfs'] as const;
  expect(await refusals([...ofAdmins, ...ofReaders], repo, bob)).toEqual(all(ofAdmins, 'token-no-read'));
  expect(await refusals([...permissions, 'details'], project, bob)).toEqual(all(permissions, 'token-no-read'));
});

test('a server on which none of it exists has nothing of any kind', async () => {
  const admin = asAdmin();
  const absent = (path: string): string => path.replace('/rest/', '/rest/not-installed/');
  const elsewhere = readerOf(admin.baseUrl, {
    ask: (path, asking) => admin.ask(absent(path), asking),
    text: (path, asking) => admin.text(absent(path), asking),
    bytes: (path, asking) => admin.bytes(absent(path), asking),
  });
  const at = (level: 'repo' | 'project') => readers.filter(({ operations }) => operations[level] !== undefined).map(({ kind }) => kind);
  const ofRepo = at('repo').filter((kind) => kind !== 'lfs');
  const ofProject = at('project');
  expect(await refusals(ofRepo, repo, elsewhere)).toEqual(all(ofRepo, 'not-found'));
  expect(await refusals(ofProject, project, elsewhere)).toEqual(all(ofProject, 'not-found'));
  expect(await read('lfs', repo, elsewhere)).toEqual([{ key: '-', value: { enabled: false } }]);
});

test('a repo that is gone is said to be gone, whatever is asked of it', async () => {
  const kinds = ['details', 'webhooks', 'labels', 'hooks', 'pull-requests', 'lfs'] as const;
  expect(await refusals(kinds, { projectKey: 'SHOP', slug: 'never-was' })).toEqual(all(kinds, 'repo-not-found'));
});
