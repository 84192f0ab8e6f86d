import { readMetadata } from '@gitprotect/agent/catalogue/metadata-object';
import { compareKind } from '@gitprotect/agent/restore/to-bitbucket/compare';
import { countComments, threadsOf } from '@gitprotect/agent/restore/to-bitbucket/pull-requests/threads';
import { metadataKinds } from '@gitprotect/shared/metadata';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fillLfs } from '../bitbucket/everything/lfs.ts';
import { fillPullRequests } from '../bitbucket/everything/pull-requests.ts';
import { fillSettings } from '../bitbucket/everything/settings.ts';
import { conformance, operationsOf } from '../bitbucket/conformance.ts';
import { referencePresent } from '../bitbucket/openapi.ts';
import { addCommits } from '../bitbucket/history.ts';
import type { Token, User } from '../bitbucket/model.ts';
import { Simulator } from '../bitbucket/simulator.ts';
import { World } from '../world.ts';
import { operationsUsed } from './operations-used.ts';

const signal = new AbortController().signal;
let world: World;
let other: Simulator;
const names = ['bob', 'carol', 'dave'];

beforeEach(async () => {
  world = await World.start();
  other = await Simulator.start({ clock: world.clock });
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

/** A world's repo with everything a repo can have, its project with every setting, and an administrator's token. */
async function everything(): Promise<Token> {
  const { state } = world.bitbucket;
  const repo = world.addRepo('one');
  await addCommits(repo, [{ message: 'Begin', files: { 'README.md': '# one\n' } }]);
  const users: User[] = names.map((name) => state.addUser({ name }));
  const group = state.addGroup('developers', users);
  for (const user of users) state.grant(user, 'PROJECT_WRITE', world.project);
  const admin = state.addUser({ name: 'olga' });
  state.grant(admin, 'PROJECT_ADMIN', world.project);
  await fillPullRequests(world.bitbucket, { repo, users });
  await fillLfs(world.bitbucket, { repo });
  await fillSettings(world.bitbucket, { project: world.project, repo, users, group });
  return state.addToken({ user: admin, name: 'all', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
}

/** Another server that knows the same people, with an empty project and a token for the restore. */
function emptyServer(): Token {
  const target = other.state.addProject({ key: 'BACK', name: 'Back' });
  const owner = other.state.addUser({ name: 'restorer' });
  const there = names.map((name) => other.state.addUser({ name }));
  other.state.addGroup('developers', there);
  for (const user of there) other.state.grant(user, 'PROJECT_READ', target);
  other.state.grant(owner, 'PROJECT_ADMIN', target);
  return other.state.addToken({ user: owner, name: 'restore', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
}

/** What the newest snapshot of a repo holds. */
async function contentsOf(projectKey: string) {
  const { catalogue, plain, keys } = await world.app.place(signal);
  const [entry] = await catalogue.list({ projectKey, slug: 'one' });
  if (entry === undefined) throw new Error(`no snapshot of ${projectKey}/one`);
  const { manifest, refs } = await catalogue.manifest(await catalogue.find({ repo: entry, snapshotId: entry.id }), { signal });
  const settings = new Map<string, unknown>();
  const pullRequests = new Map<string, { title: string; state: string; comments: number }>();
  const oids = new Set<string>();
  for await (const { kind, key, value } of readMetadata({ storage: plain, keys }, manifest.metadata?.chain ?? [], { signal })) {
    if (kind === 'lfs-objects') oids.add(key);
    else if (kind === 'pull-requests') {
      const { pullRequest, activities } = value as { pullRequest: { title: string; state: string }; activities: unknown[] };
      const { title, state } = pullRequest;
      pullRequests.set(title, { title, state, comments: countComments(threadsOf(activities)) });
    } else if (kind !== 'attachments') settings.set(kind, value);
  }
  const pushed = [...refs].filter(([name]) => /^refs\/(?:heads|tags)\//.test(name)).map(([name, { oid }]) => `${oid} ${name}`);
  return { manifest, settings, pullRequests, oids, pushed: pushed.toSorted() };
}

/** What is asked to find repos and their readers, and for large files. */
const besideMetadata = [
  'GET /access-tokens/latest/users/{userSlug}',
  'GET /api/latest/admin/rate-limit/settings',
  'GET /api/latest/application-properties',
  'GET /api/latest/projects',
  'GET /api/latest/projects/{projectKey}',
  'GET /api/latest/projects/{projectKey}/repos',
  'GET /api/latest/repos',
  'GET /git-lfs/storage/{projectKey}/{repositorySlug}/{oid}',
  'PUT /git-lfs/storage/{projectKey}/{repositorySlug}/{oid}',
];

/** Answers that are not as published; none are looked at where the published document is not at hand. */
const wrongAnswers = (requests: Parameters<typeof conformance>[0]): string[] => (referencePresent ? conformance(requests) : []);

test('a repository that has everything comes back on another server, and differs in what the report names and in nothing else', async () => {
  world.bitbucket.record = true;
  other.record = true;
  const token = await everything();
  const plan = await world.plan([token], { leaveOut: [] });
  expect((await world.run(plan)).jobs[0]?.outcome).toMatchObject({ state: 'saved', notPermitted: [] });
  const requests = [...world.bitbucket.requests];
  expect((await world.run(plan)).jobs[0]?.outcome).toMatchObject({ state: 'unchanged' });

  const writer = emptyServer();
  const { id: serverId } = await world.call('server.add', { url: other.url });
  const report = await world.call('restore.to-server', {
    repos: [{ repo: { projectKey: 'PROOF', slug: 'one' } }],
    to: { serverId, projectKey: 'BACK' },
    token: writer.secret,
  });
  expect(report).toMatchObject({ verified: true, missingRights: [] });

  const project = await world.call('project.add', { serverId, key: 'BACK' });
  await world.call('credential.add', { serverId, token: writer.secret, name: 'restore', projectIds: [project.id] });
  const additional = { enabled: false, credentialIds: [] };
  const back = await world.call('plan.add', { name: 'Back', projectIds: [project.id], schedule: null, keep: {}, additional, leaveOut: [] });
  const [job] = (await world.run(back)).jobs;
  expect(job?.outcome).toMatchObject({ state: 'saved' });

  const [one, two] = [await contentsOf('PROOF'), await contentsOf('BACK')];
  const items = report.places[0]?.items ?? [];
  const notBack = (kind: string) => items.filter((item) => item.kind === kind && ['cannot', 'differs', 'failed'].includes(item.state));
  expect(two.pushed).toEqual(one.pushed);
  expect(two.manifest.head.symbolic).toBe(one.manifest.head.symbolic);

  const differences = metadataKinds.flatMap((kind) =>
    compareKind(kind, one.settings.get(kind), two.settings.get(kind), 'repo').map(
      ({ what, difference }) => `${kind}: ${what} ${difference}`,
    ),
  );
  const named = metadataKinds
    .filter((kind) => !['pull-requests', 'attachments', 'hook-scripts', 'commit-comments'].includes(kind))
    .flatMap((kind) => notBack(kind).map(({ what }) => `${kind}: ${what}`));
  expect(differences.map((line) => line.replace(/ (?:missing|differs|extra)$/, ''))).toEqual(named);
  const scripts = one.settings.get('hook-scripts') as { scope?: { type: string } }[];
  expect(notBack('hook-scripts')).toHaveLength(scripts.filter(({ scope }) => scope?.type !== 'PROJECT').length);

  const restored = [...one.pullRequests.values()].filter(({ title }) => two.pullRequests.has(title));
  for (const { title, comments } of restored) expect(two.pullRequests.get(title)).toMatchObject({ state: 'OPEN', comments });
  const lost = [...one.pullRequests.values()].filter(({ title }) => !two.pullRequests.has(title));
  expect(notBack('pull-requests')).toHaveLength(lost.filter(({ state }) => state === 'OPEN').length + 1);
  expect(notBack('pull-requests')).toContainEqual(
    expect.objectContaining({ what: `${lost.filter(({ state }) => state !== 'OPEN').length} merged or declined pull requests` }),
  );
  expect([...one.oids].filter((oid) => two.manifest.lfs?.missing.some((missing) => missing.oid === oid))).toHaveLength(
    notBack('lfs-objects').length,
  );

  requests.push(...other.requests);
  expect(wrongAnswers(requests)).toEqual([]);
  const known = new Set([...operationsUsed, ...besideMetadata]);
  expect(operationsOf(requests).filter((operation) => !known.has(operation.replace('/1.0/', '/latest/')))).toEqual([]);
});
