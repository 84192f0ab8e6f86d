import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Asked, asking } from './asking.ts';
import { conformance, operationsOf } from './conformance.ts';
import { fillSettings } from './everything/settings.ts';
import type { Repo, Token } from './model.ts';
import { missingFields, PublishedApi, recorded, referencePresent } from './openapi.ts';
import { sampleWorld } from './sample-world.ts';
import { Simulator } from './simulator.ts';
import { there } from './there.ts';

let simulator: Simulator;
let repo: Repo;
let fork: Repo;
let token: Token;
let ask: Asked;

beforeAll(async () => {
  simulator = await Simulator.start();
  const world = await sampleWorld(simulator);
  repo = there(world.repos[0]);
  fork = there(world.repos.find(({ origin }) => origin === repo));
  const { state } = simulator;
  const group = there(state.groups[0]);
  for (const on of [repo, fork]) await fillSettings(simulator, { project: on.project, repo: on, users: [world.alice, world.bob], group });
  state.grant(world.alice, 'PROJECT_ADMIN', world.shop);
  token = state.addToken({ user: world.alice, name: 'settings', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
  ask = asking(simulator, '/rest');
  simulator.record = true;
});

afterAll(() => simulator[Symbol.asyncDispose]());

const bundled = 'com.atlassian.bitbucket.server.bitbucket-bundled-hooks';
const anyRef = { id: 'ANY_REF_MATCHER_ID', type: { id: 'ANY_REF' } };
const sshKey = `ssh-ed25519 ${Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0 of somebody with no such key here').toString('base64')}`;

interface Step {
  readonly list: string;
  readonly create?: string;
  readonly item?: string;
  readonly body: object;
  readonly methods?: readonly string[];
  /** Whether only a repository has it. */
  readonly repoOnly?: boolean;
}

/** Lists whose things are made, read, changed and deleted alike. */
const lists: readonly Step[] = [
  {
    list: '/api/latest/P/webhooks',
    body: { name: 'x', url: 'https://a.example.com', events: ['pr:opened'] },
    methods: ['GET', 'PUT', 'DELETE'],
  },
  { list: '/api/latest/P/settings/reviewer-groups', body: { name: 'new', users: [{ id: 2 }] }, methods: ['GET', 'PUT', 'DELETE'] },
  {
    list: '/default-reviewers/latest/P/conditions',
    create: '/default-reviewers/latest/P/condition',
    body: { sourceMatcher: anyRef, targetMatcher: anyRef, requiredApprovals: 1, reviewers: [{ id: 2 }] },
    methods: ['PUT', 'DELETE'],
  },
  {
    list: '/default-tasks/latest/P/tasks',
    body: { description: 'Do it', sourceMatcher: anyRef, targetMatcher: anyRef },
    methods: ['PUT', 'DELETE'],
  },
  {
    list: '/required-builds/latest/P/conditions',
    create: '/required-builds/latest/P/condition',
    body: { buildParentKeys: ['B'], refMatcher: anyRef },
    methods: ['PUT', 'DELETE'],
    repoOnly: true,
  },
  { list: '/branch-permissions/latest/P/restrictions', body: { type: 'no-deletes', matcher: anyRef }, methods: ['GET', 'DELETE'] },
  { list: '/api/latest/P/secret-scanning/rules', body: { name: 'r', lineRegex: 'x' }, methods: ['GET', 'PUT', 'DELETE'] },
  { list: '/api/latest/P/secret-scanning/allowlist', body: { name: 'r', pathRegex: 'x' }, methods: ['GET', 'PUT', 'DELETE'] },
];

const others: readonly (readonly [operation: string, body?: object])[] = [
  ['GET /api/latest/R/labels'],
  ['POST /api/latest/R/labels', { name: 'fresh' }],
  ['DELETE /api/latest/R/labels/fresh'],
  ...['P', 'R'].flatMap((at): (readonly [string, object?])[] => [
    [`GET /api/latest/${at}/settings/hooks`],
    [`GET /api/latest/${at}/settings/hooks/${bundled}:force-push-hook`],
    [`PUT /api/latest/${at}/settings/hooks/${bundled}:requiredApproversMergeHook/settings`, { requiredCount: '2' }],
    [`GET /api/latest/${at}/settings/hooks/${bundled}:requiredApproversMergeHook/settings`],
    [`PUT /api/latest/${at}/settings/hooks/${bundled}:requiredApproversMergeHook/enabled`, {}],
    [`DELETE /api/latest/${at}/settings/hooks/${bundled}:requiredApproversMergeHook/enabled`],
    [`GET /api/latest/${at}/hook-scripts`],
    ...['auto-merge', 'auto-decline', 'change-author'].flatMap((name): (readonly [string, object?])[] => [
      [`GET /api/latest/${at}/settings/${name}`],
      [`PUT /api/latest/${at}/settings/${name}`, { enabled: true, inactivityWeeks: 2 }],
      [`DELETE /api/latest/${at}/settings/${name}`],
      [`GET /api/latest/${at}/settings/${name}`],
    ]),
    [`GET /keys/latest/${at}/ssh`],
    [`GET /api/latest/${at}/permissions/users`],
    [`GET /api/latest/${at}/permissions/groups`],
  ]),
  [`DELETE /api/latest/R/settings/hooks/${bundled}:requiredApproversMergeHook`],
  ['GET /api/latest/R/settings/pull-requests'],
  ['POST /api/latest/R/settings/pull-requests', { requiredApprovers: 1 }],
  ['GET /api/latest/P/settings/pull-requests/git'],
  ['POST /api/latest/P/settings/pull-requests/git', { mergeConfig: { defaultStrategy: { id: 'ff' }, strategies: [{ id: 'ff' }] } }],
  ['GET /api/latest/P/secret-scanning/exempt'],
  ['GET /api/latest/R/secret-scanning/exempt'],
  ['DELETE /api/latest/R/secret-scanning/exempt'],
  ['PUT /api/latest/R/secret-scanning/exempt', {}],
  ['GET /sync/latest/R'],
  ['GET /sync/latest/F'],
  ['POST /sync/latest/F', { enabled: true }],
  ['POST /sync/latest/F', { enabled: false }],
  ['GET /api/latest/P/settings-restriction/all?namespace=com.example.größe&featureKey=limits'],
  ['GET /api/latest/P/settings-restriction?namespace=com.example.größe&featureKey=limits'],
  ['POST /api/latest/P/settings-restriction', { namespace: 'com.example', featureKey: 'more' }],
  ['DELETE /api/latest/P/settings-restriction?namespace=com.example&featureKey=more'],
  ['GET /api/latest/P/permissions/PROJECT_READ/all'],
  ['POST /api/latest/P/permissions/PROJECT_READ/all?allow=false', {}],
  ['GET /api/latest/users/alice'],
  ['GET /api/latest/users?filter=ali'],
  ['GET /api/latest/groups?filter=dev'],
  ['DELETE /default-tasks/latest/P/tasks'],
  ['DELETE /default-tasks/latest/R/tasks'],
];

const place = (repoPath: string) => (template: string) => template.replace(/\/[PRF](?=\/|$|\?)/, repoPath);
const inProject = () => place('/projects/SHOP');
const inRepo = () => place('/projects/SHOP/repos/storefront');
const inFork = () => place(`/projects/${fork.project.key}/repos/${fork.slug}`);

async function run(operation: string, body?: object) {
  const [method = '', path = ''] = operation.split(' ');
  const said = await ask(method, path, token, body);
  expect({ operation, problem: said.status < 300 ? undefined : said.body }).toEqual({ operation, problem: undefined });
  return said.body;
}

describe.skipIf(!referencePresent)('settings beside the published API', () => {
  test('everything can be listed, made, read, changed and deleted as published', async () => {
    for (const { list, create = list, item = create, body, methods = [], repoOnly } of lists) {
      for (const at of repoOnly === true ? [inRepo()] : [inProject(), inRepo()]) {
        await run(`GET ${at(list)}`);
        const id = (await run(`POST ${at(create)}`, body))['id'] as number | undefined;
        const listed = (await run(`GET ${at(list)}`)) as { values?: { id: number }[] };
        for (const method of methods)
          await run(`${method} ${at(item)}/${id ?? listed.values?.at(-1)?.id ?? ''}`, method === 'PUT' ? body : undefined);
      }
    }
    for (const [operation, body] of others) {
      const at = operation.includes('/F') ? inFork() : operation.includes('/R') ? inRepo() : inProject();
      await run(at(operation), body);
    }
    for (const [at, permission] of [[inProject(), 'PROJECT_READ'] as const, [inRepo(), 'REPO_READ'] as const]) {
      const path = at('/keys/latest/P/ssh');
      const made = await run(`POST ${path}`, { key: { text: sshKey, label: 'Größe' }, permission });
      const one = `${path}/${String(made.at('key.id'))}`;
      await run(`PUT ${one}/permission/${permission.replace('READ', 'WRITE')}`, {});
      await run(`GET ${one}`);
      await run(`DELETE ${one}`);
    }
    expect(conformance(simulator.requests)).toEqual([]);
    const api = new PublishedApi();
    expect(operationsOf(simulator.requests).filter((operation) => !api.has(operation))).toEqual([]);
    expect(operationsOf(simulator.requests).length).toBeGreaterThan(100);
  });

  test.each([
    ['branch-permission-list', '/branch-permissions/latest/R/restrictions'],
    ['default-reviwers-list', '/default-reviewers/latest/R/conditions'],
    ['accesskeys-list-by-repository', '/keys/latest/R/ssh'],
    ['accesskeys-list-by-project', '/keys/latest/P/ssh'],
    ['pull-request-settings', '/api/latest/R/settings/pull-requests'],
    ['repository-hooks', '/api/latest/R/settings/hooks'],
    ['branch-model-configuration', '/branch-utils/latest/R/branchmodel/configuration'],
    ['labels-list', '/api/latest/R/labels'],
  ])('%s, as recorded, has no field that the simulator lacks', async (name, template) => {
    const at = template.includes('/R') ? inRepo() : inProject();
    const body = await run(`GET ${at(template)}`);
    const value = 'text' in body ? (JSON.parse(String(body['text'])) as unknown) : body;
    expect(missingFields(recorded(`bitbucket-rest/${name}`), value)).toEqual([]);
  });
});
