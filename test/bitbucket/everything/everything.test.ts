import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { movingClock } from '../../moving-clock.ts';
import { type Asked, asking } from '../asking.ts';
import { conformance, operationsOf } from '../conformance.ts';
import { addCommits } from '../history.ts';
import type { Repo, Token } from '../model.ts';
import { missingFields, PublishedApi, recorded, referencePresent } from '../openapi.ts';
import { git } from '../repository.ts';
import { Simulator } from '../simulator.ts';
import { fillLfs } from './lfs.ts';
import { type FilledPullRequests, fillPullRequests } from './pull-requests.ts';
import { there } from '../there.ts';

let simulator: Simulator;
let repo: Repo;
let token: Token;
let filled: FilledPullRequests;
let ask: Asked;

beforeAll(async () => {
  simulator = await Simulator.start({ clock: movingClock() });
  const { state } = simulator;
  const users = ['alice', 'bob', 'carol'].map((name) => state.addUser({ name }));
  repo = state.addRepo({ project: state.addProject({ key: 'APP', description: 'All apps' }), name: 'shop' });
  for (const user of users) state.grant(user, 'REPO_ADMIN', repo);
  token = state.addToken({ user: there(users[0]), name: 'admin', permissions: ['REPO_ADMIN', 'PROJECT_ADMIN'] });
  await addCommits(repo, [{ files: { 'README.md': '# Shop\n' } }]);
  filled = await fillPullRequests(simulator, { repo, users });
  ask = asking(simulator, '/rest/api/latest/projects/APP/repos/shop');
});

afterAll(() => simulator[Symbol.asyncDispose]());

describe('pull requests with everything', () => {
  test('each state and the fork are there', async () => {
    const { body } = await ask('GET', '/pull-requests?state=ALL&order=OLDEST', token);
    expect(body.at('values')).toMatchObject([
      { state: 'OPEN', properties: { openTaskCount: 1, resolvedTaskCount: 1 } },
      { state: 'MERGED' },
      { state: 'DECLINED' },
      { state: 'OPEN', fromRef: { repository: { project: { type: 'PERSONAL' }, origin: { slug: 'shop' } } } },
      { state: 'OPEN', title: expect.stringContaining('<script>') as unknown },
    ]);
  });

  test('the history of the open one has every kind of entry', async () => {
    const { body } = await ask('GET', `/pull-requests/${filled.open.id}/activities?limit=500`, token);
    const values = body.at('values') as { action: string; commentAction?: string }[];
    const kinds = new Set(values.map(({ action, commentAction }) => commentAction ?? action));
    expect(kinds).toEqual(new Set(['RESCOPED', 'APPROVED', 'REVIEWED', 'ADDED', 'REPLIED', 'EDITED', 'DELETED', 'OPENED']));
  });

  test('the merged one is merged in git, and what texts link to can be downloaded', async () => {
    const merged = there(filled.merged.mergeCommit);
    expect((await git(repo.folder, ['rev-list', '--parents', '-1', merged])).split(' ')).toHaveLength(3);
    for (const id of filled.attachments) expect((await ask('GET', `/attachments/${id}`, token)).status).toBe(200);
    expect(JSON.stringify(filled.open.description)).toContain(`attachment:${repo.id}/${filled.attachments[0] ?? ''}`);
  });
});

describe('large files', () => {
  test('pointers are in the tips, in an old commit and in no commit at all; one object is lost', async () => {
    const { current, old, missing, unreachable } = await fillLfs(simulator, { repo });
    const reachable = await git(repo.folder, ['log', '--all', '-p', '--format=']);
    for (const oid of [...current, old, missing]) expect(reachable).toContain(oid);
    expect(reachable).not.toContain(unreachable);
    expect((await git(repo.folder, ['grep', '-h', 'oid', 'large-files'])).includes(old)).toBe(false);
    expect([...current, old, unreachable].every((oid) => repo.lfs.objects.has(oid))).toBe(true);
    expect(repo.lfs.objects.has(missing)).toBe(false);
  });
});

describe.skipIf(!referencePresent)('beside the published API', () => {
  test.each([
    ['bitbucket-rest/pull-request', (id: number) => `/pull-requests/${id}`],
    ['bitbucket-rest/pull-request-page', () => '/pull-requests?state=ALL&order=OLDEST'],
    ['go-scm/pr', (id: number) => `/pull-requests/${id}`],
    ['bitbucket-rest/pull-request-participants', (id: number) => `/pull-requests/${id}/participants`],
    ['bitbucket-rest/pull-request-comments', (id: number) => `/pull-requests/${id}/comments?path=everything/open.ts`],
    ['go-scm/pr_comments', (id: number) => `/pull-requests/${id}/activities?start=3`],
    ['bitbucket-rest/pull-request-not-exist', () => '/pull-requests/99'],
    ['bitbucket-rest/pull-request-can-merge-succeed', (id: number) => `/pull-requests/${id}/merge`],
    ['bitbucket-rest/repository-fork', () => '/forks'],
  ])('%s has no field that the simulator lacks', async (name, path) => {
    const { body } = await ask('GET', path(filled.open.id), token);
    const said = name.endsWith('fork') ? body.at('values.0') : body;
    // Version 8 took the tasks out of comments.
    expect(missingFields(recorded(name), said).filter((field) => !/\.tasks(?:$|\[)/.test(field))).toEqual([]);
  });

  test('every answer is as published', async () => {
    simulator.requests.length = 0;
    simulator.record = true;
    await walk(ask, token, filled);
    expect(conformance(simulator.requests)).toEqual([]);
    const refused = simulator.requests.filter(({ status }) => status >= 400 || status === 0);
    expect(refused.map(({ method, path, status, answer }) => ({ method, path, status, answer }))).toEqual([]);
    const api = new PublishedApi();
    const operations = operationsOf(simulator.requests);
    expect(operations.length).toBeGreaterThan(35);
    expect(operations.filter((operation) => !api.has(operation))).toEqual([]);
  });
});

/** Uses every operation once, with success. */
async function walk(ask: Asked, token: Token, { open, attachments }: FilledPullRequests): Promise<void> {
  const one = `/pull-requests/${open.id}`;
  const bob = there(simulator.state.findUser('bob'));
  const bobs = simulator.state.addToken({ user: bob, name: 'bob', permissions: ['REPO_ADMIN'] });
  for (const rest of ['', '/activities', '/participants', '/merge', '/blocker-comments', '/comments?path=everything/open.ts']) {
    await ask('GET', one + rest, token);
  }
  for (const id of attachments) await ask('GET', `/attachments/${id}`, token);
  const [first = ''] = attachments;
  await ask('GET', `/attachments/${first}/metadata`, token);
  await ask('PUT', `/attachments/${first}/metadata`, token, { a: 1 });
  await ask('DELETE', `/attachments/${first}/metadata`, token);
  await ask('DELETE', `/attachments/${first}`, token);
  await ask('GET', '', token);
  await ask('PUT', '', token, { description: 'New', defaultBranch: 'main' });
  await ask('GET', '/forks', token);
  await ask('GET', '/default-branch', token);
  await ask('PUT', '/default-branch', token, { id: 'main' });
  for (const place of [`${one}/comments`, `${one}/blocker-comments`, `/commits/${open.from.commit}/comments`]) {
    const anchor = { path: 'everything/open.ts', line: 2, lineType: 'ADDED', fileType: 'TO' };
    const { body } = await ask('POST', place, token, { text: 'Walked by', ...(place.includes('blocker') ? {} : { anchor }) });
    const at = `${place}/${String(body.at('id'))}`;
    await ask('GET', at, token);
    await ask('PUT', at, token, { version: 0, text: 'Walked by again' });
    const likes = asking(simulator, '/rest/comment-likes/latest/projects/APP/repos/shop');
    const reaction = `${at.replace('blocker-', '')}/reactions/tada`;
    await likes('PUT', reaction, token);
    await ask('GET', at, token);
    await likes('DELETE', reaction, token);
    await ask('DELETE', `${at}?version=1`, token);
  }
  await ask('GET', `/commits/${open.from.commit}/comments?path=a`, token);
  await ask('PUT', `${one}/participants/bob`, bobs, { status: 'APPROVED' });
  await ask('DELETE', `${one}/approve`, bobs);
  await ask('POST', `${one}/approve`, bobs);
  await ask('DELETE', `${one}/participants/bob`, token);
  await ask('POST', `${one}/participants`, token, { user: { name: 'bob' }, role: 'REVIEWER' });
  const version = async () => Number((await ask('GET', one, token)).body.at('version'));
  await ask('PUT', one, token, { version: await version(), title: 'Another title', reviewers: [{ user: { name: 'bob' } }] });
  await ask('POST', `${one}/decline?version=${await version()}`, token, {});
  await ask('POST', `${one}/reopen?version=${await version()}`, token, {});
  await ask('POST', `${one}/merge?version=${await version()}`, token, {});
  const { body } = await ask('POST', '/pull-requests', token, {
    title: 'Declined again',
    fromRef: { id: 'refs/heads/everything/declined', repository: { slug: 'shop', project: { key: 'APP' } } },
    toRef: { id: 'refs/heads/main', repository: { slug: 'shop', project: { key: 'APP' } } },
    reviewers: [{ user: { name: 'bob' } }],
  });
  await ask('DELETE', `/pull-requests/${String(body.at('id'))}`, token, { version: 0 });
  await walkProject(token);
}

async function walkProject(token: Token): Promise<void> {
  const { state, url } = simulator;
  const alice = there(state.findUser('alice'));
  const project = state.addProject({ key: 'OTHER' });
  state.grant(alice, 'PROJECT_ADMIN', project);
  const ask = asking(simulator, '/rest/api/latest/projects');
  await ask('PUT', '/OTHER', token, { name: 'Another' });
  await ask('PUT', '/OTHER', token, { key: 'ANOTHER' });
  await ask('POST', '/ANOTHER/repos', token, { name: 'new' });
  await ask('POST', '/ANOTHER/repos/new', token, { name: 'fork', project: { key: 'ANOTHER' } });
  await ask('DELETE', '/ANOTHER/repos/fork', token);
  const form = new FormData();
  form.append('avatar', new Blob([Buffer.from('picture')], { type: 'image/png' }), 'a.png');
  const headers = { authorization: `Bearer ${token.secret}`, 'x-atlassian-token': 'no-check' };
  await fetch(`${url}/rest/api/latest/projects/ANOTHER/avatar.png`, { method: 'POST', headers, body: form });
  await fetch(`${url}/rest/api/latest/projects/ANOTHER/avatar.png`, { headers });
}
