import { bitbucketClient, type BitbucketClient } from '@gitprotect/agent/bitbucket/client';
import { allWriters } from '@gitprotect/agent/bitbucket/metadata/all-writers';
import type { PlannedChange, WriteContext } from '@gitprotect/agent/bitbucket/metadata/kind-writer';
import { principalsOf } from '@gitprotect/agent/bitbucket/metadata/principals';
import { sampleValues } from '@gitprotect/agent/bitbucket/metadata/sample-values';
import { archiveWriter } from '@gitprotect/agent/bitbucket/metadata/writers/details';
import type { Writer } from '@gitprotect/agent/bitbucket/writer';
import { Secret } from '@gitprotect/agent/lib/secret';
import { compareKind } from '@gitprotect/agent/restore/to-bitbucket/compare';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Project, Repo, User } from '../bitbucket/model.ts';
import { Simulator } from '../bitbucket/simulator.ts';

const { signal } = new AbortController();
let simulator: Simulator;
let client: BitbucketClient;
let project: Project;
let alice: User;
let repo: Repo;
let count = 0;

beforeAll(async () => {
  simulator = await Simulator.start({ pageLimit: 2 });
  const { state } = simulator;
  state.addUser({ name: 'nobody-else' });
  alice = state.addUser({ name: 'alice' });
  state.addGroup('developers', [state.addUser({ name: 'bob' })]);
  project = state.addProject({ key: 'STORE' });
  state.grant(alice, 'PROJECT_ADMIN', project);
  client = bitbucketClient({ baseUrl: simulator.url });
});

beforeEach(() => {
  count += 1;
  repo = simulator.state.addRepo({ project, name: `target-${count}` });
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

function contextFor(rights: 'REPO_ADMIN' | 'REPO_READ' = 'REPO_ADMIN', slug = repo.slug): WriteContext {
  const token = simulator.state.addToken({
    user: alice,
    name: 'restore',
    permissions: rights === 'REPO_ADMIN' ? ['PROJECT_ADMIN', rights] : ['PROJECT_READ', rights],
  });
  const target = client.writeAs(new Secret(token.secret));
  simulator.state.maxTokens = 10_000;
  return { target, scope: { projectKey: 'STORE', slug }, principals: principalsOf(target, signal), signal };
}

type Sampled = keyof typeof sampleValues;
const writerOf = (kind: string) => allWriters.find((writer) => writer.kind === kind) ?? expect.fail(`no writer of ${kind}`);
const statesOf = (changes: readonly PlannedChange[]) => changes.map(({ state }) => state);

async function apply(changes: readonly PlannedChange[]): Promise<void> {
  for (const change of changes) if (change.state === 'will') await change.apply();
}

const api = 'api/latest';
const paths: Partial<Record<Sampled, string>> = {
  labels: `${api}/PLACE/labels`,
  'access-keys': 'keys/latest/PLACE/ssh',
  webhooks: `${api}/PLACE/webhooks`,
  'default-tasks': 'default-tasks/latest/PLACE/tasks',
  'user-permissions': `${api}/PLACE/permissions/users`,
  'group-permissions': `${api}/PLACE/permissions/groups`,
  'pull-request-settings': `${api}/PLACE/settings/pull-requests`,
  'auto-merge': `${api}/PLACE/settings/auto-merge`,
  'auto-decline': `${api}/PLACE/settings/auto-decline`,
  'change-author': `${api}/PLACE/settings/change-author`,
  'branch-model': 'branch-utils/1.0/PLACE/branchmodel/configuration',
  'reviewer-groups': `${api}/PLACE/settings/reviewer-groups`,
  'default-reviewers': 'default-reviewers/latest/PLACE/conditions',
  'required-builds': 'required-builds/latest/PLACE/conditions',
};

/** What the server has, asked without any part of the agent. */
async function readBack(path: string, slug: string | null): Promise<unknown> {
  const place = slug === null ? 'projects/STORE' : `projects/STORE/repos/${slug}`;
  const response = await fetch(`${simulator.url}/rest/${path.replace('PLACE', place)}`, {
    headers: { authorization: `Basic ${Buffer.from(`alice:${alice.password}`).toString('base64')}` },
  });
  const body = (await response.json()) as { values?: unknown[] };
  return Array.isArray(body) ? body : (body.values ?? body);
}

/** Two reviewers, a deploy key and groups that others name. */
async function prepare(context: WriteContext): Promise<void> {
  for (const kind of ['access-keys', 'reviewer-groups'] as const) {
    if (context.scope.slug !== null) await apply(await writerOf(kind).plan(sampleValues[kind], context));
  }
}

/** As the server lists them: no word of branches. */
const tasks = [{ id: 1, description: 'Update the changelog' }];
const valueOf = (kind: Sampled): unknown => (kind === 'default-tasks' ? tasks : sampleValues[kind]);

const ofProjects: readonly Sampled[] = ['avatar', 'default-permissions'];
/** Made by the test of large files, of details, and of forks. */
const ofOtherTests: readonly Sampled[] = ['lfs', 'details', 'fork-sync'];
const kinds = (Object.keys(sampleValues) as Sampled[]).filter((kind) => !ofOtherTests.includes(kind));

describe.each(kinds)('%s', (kind) => {
  test('comes back as it was, and a second plan finds nothing to do', async () => {
    const slug = ofProjects.includes(kind) ? null : repo.slug;
    const context = { ...contextFor(), scope: { projectKey: 'STORE', slug } };
    if (kind === 'branch-restrictions' || kind === 'default-reviewers') await prepare(context);
    const writer = writerOf(kind);
    const plan = await writer.plan(valueOf(kind), context);
    expect(statesOf(plan)).toContain('will');
    expect(statesOf(plan)).not.toContain('cannot');
    await apply(plan);
    const path = paths[kind];
    const present = path === undefined ? valueOf(kind) : await readBack(path, slug);
    expect(compareKind(kind, valueOf(kind), present, slug === null ? 'project' : 'repo')).toEqual([]);
    const again = statesOf(await writer.plan(valueOf(kind), context));
    expect(again).toContain('kept');
    expect(again.filter((state) => state === 'will' || state === 'cannot')).toEqual([]);
  });
});

test.each(kinds.filter((kind) => !ofProjects.includes(kind)))('%s: without the right to change, applying says so', async (kind) => {
  const admin = contextFor();
  const reader = contextFor('REPO_READ').target;
  const target: Writer = { ...admin.target, send: (...sent) => reader.send(...sent) };
  await expect(apply(await writerOf(kind).plan(valueOf(kind), { ...admin, target }))).rejects.toMatchObject({ code: 'token-no-write' });
});

test('large files are switched on once', async () => {
  const context = contextFor();
  await apply(await writerOf('lfs').plan({ enabled: true }, context));
  expect(repo.lfs.enabled).toBe(true);
  expect(statesOf(await writerOf('lfs').plan({ enabled: true }, context))).toEqual(['kept']);
});

test('a description comes back, the name does not, and archiving is a step of its own', async () => {
  const context = contextFor();
  const value = { name: 'Another', description: 'All of it', public: true, archived: true };
  await apply(await writerOf('details').plan(value, context));
  expect(repo).toMatchObject({ description: 'All of it', public: true, archived: false });
  expect(repo.name).toMatch(/^target/);
  await apply(await archiveWriter.plan(value, context));
  expect(repo.archived).toBe(true);
  expect(statesOf(await archiveWriter.plan(value, context))).toEqual(['kept']);
});

test('a permission of somebody the server does not know cannot be given, and more is not taken away', async () => {
  simulator.state.grant(alice, 'REPO_ADMIN', repo);
  const value = [
    { user: { name: 'carol' }, permission: 'REPO_READ' },
    { user: { name: 'alice' }, permission: 'REPO_READ' },
  ];
  const plan = await writerOf('user-permissions').plan(value, contextFor());
  expect(plan).toEqual([
    { state: 'kept', what: 'REPO_READ for user “alice”', why: 'has more on the server: REPO_ADMIN' },
    { state: 'cannot', what: 'REPO_READ for user “carol”', why: 'the server has no user “carol”' },
  ]);
});

test('each principal is asked for once', async () => {
  const { principals } = contextFor();
  simulator.requests.length = 0;
  expect(await Promise.all([principals.user('bob'), principals.user('bob'), principals.user('bob')])).toMatchObject([
    { name: 'bob' },
    { name: 'bob' },
    { name: 'bob' },
  ]);
  expect(simulator.requests).toHaveLength(1);
});

test('groups are known by their name', async () => {
  const { principals } = contextFor();
  expect(await principals.group('developers')).toBe(true);
  expect(await principals.group('strangers')).toBe(false);
  expect(principals.whyUnknown('group', 'strangers')).toBe('the server has no group “strangers”');
});

test('a restriction whose exempt users are unknown is still made, and says who is left out', async () => {
  const restriction = { type: 'no-deletes', matcher: { id: 'refs/heads/main', type: { id: 'BRANCH' } }, users: [{ name: 'carol' }] };
  const plan = await writerOf('branch-restrictions').plan([restriction], contextFor());
  expect(plan.map(({ state, what }) => [state, what])).toEqual([
    ['will', 'branch restriction “no-deletes” on “main”'],
    ['cannot', 'user “carol” in branch restriction “no-deletes” on “main”'],
  ]);
});

test('a webhook’s secret is a to-do, and neither sent nor named', async () => {
  const [hook] = sampleValues.webhooks;
  const context = contextFor();
  const value = [{ ...hook, configuration: { secret: 'canary-secret' }, credentials: { username: 'ci' } }];
  const plan = await writerOf('webhooks').plan(value, context);
  expect(statesOf(plan)).toEqual(['will', 'to-do']);
  await apply(plan);
  expect(JSON.stringify([plan, [...repo.settings]])).not.toContain('canary-secret');
});

test('a webhook on the server that differs is not changed: its secret would be lost', async () => {
  const [hook] = sampleValues.webhooks;
  const context = contextFor();
  await apply(await writerOf('webhooks').plan([{ ...hook, active: false }], context));
  const plan = await writerOf('webhooks').plan([hook], context);
  expect(plan.map(({ state, what }) => [state, what])).toEqual([
    ['to-do', 'webhook “ci”'],
    ['to-do', 'secret of webhook “ci”'],
  ]);
});

test('a fork is synced again when it is one on the server, and cannot be when it is none', async () => {
  const fork = simulator.state.addRepo({ project, name: `fork-${count}`, origin: repo });
  const writer = writerOf('fork-sync');
  const context = contextFor('REPO_ADMIN', fork.slug);
  await apply(await writer.plan({ enabled: true }, context));
  expect(statesOf(await writer.plan({ enabled: true }, context))).toEqual(['kept']);
  expect(statesOf(await writer.plan({ enabled: true }, contextFor()))).toEqual(['cannot']);
});

test('a hook whose app is not installed cannot be switched on', async () => {
  const [change] = await writerOf('hooks').plan([{ hook: { enabled: true, details: { key: 'com.example.checks:title' } } }], contextFor());
  expect(change).toMatchObject({ state: 'cannot', why: 'the app “com.example.checks” is not installed on the server' });
});

test('a repo that is not there yet gets a plan all the same', async () => {
  const context = contextFor('REPO_ADMIN', 'not-there-yet');
  for (const kind of ['labels', 'webhooks', 'branch-restrictions', 'details'] as const) {
    expect(statesOf(await writerOf(kind).plan(sampleValues[kind], context))).toContain('will');
  }
});

test('records that hold something else are named incomplete, whatever they hold', async () => {
  const context = contextFor('REPO_ADMIN', 'not-there-yet');
  for (const writer of allWriters) {
    const changes = await writer.plan(7, context);
    expect([writer.kind, new Set(statesOf(changes))]).toEqual([writer.kind, new Set(['cannot'])]);
  }
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...allWriters), fc.jsonValue(), async (writer, value) => {
      for (const odd of [value, [value]]) for (const { what } of await writer.plan(odd, context)) expect(what).toBeTypeOf('string');
    }),
    { numRuns: 60 },
  );
});
