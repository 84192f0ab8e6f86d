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
  state.addUser({ name: 'bob' });
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
  const token = simulator.state.addToken({ user: alice, name: 'restore', permissions: ['PROJECT_READ', rights] });
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

async function readBack(kind: Sampled): Promise<unknown> {
  const below = 'projects/STORE/repos';
  const paths: Partial<Record<Sampled, string>> = {
    labels: `api/latest/${below}/${repo.slug}/labels`,
    'access-keys': `keys/latest/${below}/${repo.slug}/ssh`,
    webhooks: `api/latest/${below}/${repo.slug}/webhooks`,
    'default-tasks': `default-tasks/latest/${below}/${repo.slug}/tasks`,
    'user-permissions': `api/latest/${below}/${repo.slug}/permissions/users`,
    'pull-request-settings': `api/latest/${below}/${repo.slug}/settings/pull-requests`,
  };
  const response = await fetch(`${simulator.url}/rest/${paths[kind] ?? ''}?limit=100`, {
    headers: { authorization: `Basic ${Buffer.from(`alice:${alice.password}`).toString('base64')}` },
  });
  const body = (await response.json()) as { values?: unknown[] };
  return body.values ?? body;
}

const roundTrips = ['labels', 'access-keys', 'webhooks', 'default-tasks', 'user-permissions', 'pull-request-settings'] as const;

describe.each(roundTrips)('%s', (kind) => {
  test('come back as they were, and a second plan finds nothing to do', async () => {
    const context = contextFor();
    const value = sampleValues[kind];
    const writer = writerOf(kind);
    const plan = await writer.plan(value, context);
    expect(statesOf(plan)).toContain('will');
    await apply(plan);
    expect(compareKind(kind, value, await readBack(kind), 'repo')).toEqual([]);
    expect(new Set(statesOf(await writer.plan(value, context)))).toEqual(new Set(['kept']));
  });

  test('without the right to change, applying says so', async () => {
    const admin = contextFor();
    const reader = contextFor('REPO_READ').target;
    const target: Writer = { ...admin.target, send: (...sent) => reader.send(...sent) };
    const plan = await writerOf(kind).plan(sampleValues[kind], { ...admin, target });
    await expect(apply(plan)).rejects.toMatchObject({ code: 'token-no-write' });
  });
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
  expect(JSON.stringify([plan, repo.settings.get('webhooks')])).not.toContain('canary-secret');
});

test('a webhook that has a secret on the server is not changed', async () => {
  const [hook] = sampleValues.webhooks;
  repo.settings.set('webhooks', [{ ...hook, active: false, configuration: { secret: '•••' } }]);
  expect(statesOf(await writerOf('webhooks').plan([hook], contextFor()))).toEqual(['to-do']);
});

test('a hook whose app is not installed cannot be switched on', async () => {
  const [change] = await writerOf('hooks').plan([sampleValues.hooks[1]], contextFor());
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
