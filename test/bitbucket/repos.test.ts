import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addAttachment } from './attachments.ts';
import { type Asked, asking } from './asking.ts';
import { addCommits, addTag } from './history.ts';
import type { Project, Repo, Token, User } from './model.ts';
import { addPullRequest } from './pull-requests.ts';
import { listRefs } from './repository.ts';
import { Simulator } from './simulator.ts';
import { there } from './there.ts';

let simulator: Simulator;
let alice: User;
let project: Project;
let repo: Repo;
let token: Token;
let ask: Asked;

beforeAll(async () => {
  simulator = await Simulator.start();
});

afterAll(() => simulator[Symbol.asyncDispose]());

beforeEach(() => {
  simulator.reset();
  const { state } = simulator;
  alice = state.addUser({ name: 'alice' });
  project = state.addProject({ key: 'APP' });
  repo = state.addRepo({ project, name: 'shop' });
  state.grant(alice, 'PROJECT_ADMIN', project);
  token = state.addToken({ user: alice, name: 'admin', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
  ask = asking(simulator, '/rest/api/latest/projects');
});

describe('repositories', () => {
  test('a new one has what was asked for, and no default branch before one is named or pushed', async () => {
    const made = await ask('POST', '/APP/repos', token, { name: 'Web Shop', description: 'All of it', forkable: false, public: true });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ slug: 'web-shop', description: 'All of it', forkable: false, public: true, archived: false });
    expect((await ask('GET', '/APP/repos/web-shop/default-branch', token)).exception).toBe('NoDefaultBranchException');
    expect((await ask('PUT', '/APP/repos/web-shop/default-branch', token, { id: 'refs/heads/trunk' })).status).toBe(204);
    expect((await ask('GET', '/APP/repos/web-shop/default-branch', token)).body).toMatchObject({ id: 'refs/heads/trunk' });
  });

  test.each([
    ['a name whose address is taken', { name: 'SHOP' }, 409, 'DuplicateRepositoryException'],
    ['a name of which no address can be made', { name: '日本' }, 400, undefined],
    ['another SCM', { name: 'x', scmId: 'hg' }, 400, undefined],
  ])('%s is refused', async (_, body, status, exception) => {
    const refusal = await ask('POST', '/APP/repos', token, body);
    expect([refusal.status, refusal.exception]).toEqual([status, exception]);
  });

  test('an archived one takes no change but being taken out; open pull requests keep it from being archived', async () => {
    await addCommits(repo, [{ files: { a: '1' } }, { branch: 'topic', from: 'refs/heads/main', files: { b: '2' } }]);
    const pull = await addPullRequest(repo, { from: 'topic', to: 'main', title: 'x', author: alice });
    expect((await ask('PUT', '/APP/repos/shop', token, { archived: true })).status).toBe(403);
    pull.state = 'DECLINED';
    expect((await ask('PUT', '/APP/repos/shop', token, { archived: true })).body).toMatchObject({ archived: true });
    expect((await ask('PUT', '/APP/repos/shop', token, { description: 'x' })).status).toBe(409);
    expect((await ask('PUT', '/APP/repos/shop', token, { archived: false, description: 'x' })).body).toMatchObject({ description: 'x' });
  });

  test('a fork has the refs, the hierarchy and the large files of its origin', async () => {
    const [tip = ''] = await addCommits(repo, [{ files: { a: '1' } }]);
    await addTag(repo, 'v1', tip, 'First');
    repo.lfs.objects.set('0'.repeat(64), Buffer.from('large'));
    simulator.state.addPersonalProject(alice);
    const { status, body } = await ask('POST', '/APP/repos/shop', token, { name: 'My shop' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ slug: 'my-shop', project: { key: '~ALICE' }, origin: { slug: 'shop' }, hierarchyId: repo.hierarchyId });
    const fork = there(simulator.state.findRepo('~ALICE', 'my-shop'));
    expect(await listRefs(fork.folder, 'refs/')).toEqual(await listRefs(repo.folder, 'refs/'));
    expect(fork.lfs.objects.size).toBe(1);
    expect((await ask('GET', '/APP/repos/shop/forks', token)).body.at('values.0.slug')).toBe('my-shop');
    repo.forkable = false;
    expect((await ask('POST', '/APP/repos/shop', token, { name: 'Another' })).status).toBe(409);
  });
});

describe('projects', () => {
  test('no token makes one, an administrator’s neither', async () => {
    alice.admin = true;
    expect((await ask('POST', '', token, { key: 'NEW' })).exception).toBe('AuthorisationException');
  });

  test('a change says 200, a change of the key 201, and the old key leads to the new one', async () => {
    expect((await ask('PUT', '/APP', token, { name: 'Apps', description: 'All', public: true })).body).toMatchObject({
      name: 'Apps',
      description: 'All',
      public: true,
    });
    expect((await ask('PUT', '/APP', token, { key: 'APPS' })).status).toBe(201);
    expect((await ask('GET', '/APP/repos/shop', token)).headers.get('location')).toContain('/projects/APPS/repos/shop');
  });

  test('a picture is uploaded as a form, with the XSRF header and at most 1 MB', async () => {
    const at = `${simulator.url}/rest/api/latest/projects/APP/avatar.png`;
    const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x00, 0xff, 0x0d, 0x0a]);
    const upload = (bytes: Buffer, headers: Record<string, string>) => {
      const body = new FormData();
      body.append('avatar', new Blob([bytes], { type: 'image/png' }), 'avatar.png');
      return fetch(at, { method: 'POST', body, headers: { authorization: `Bearer ${token.secret}`, ...headers } });
    };
    const excused = { 'x-atlassian-token': 'no-check' };
    expect((await upload(picture, {})).status).toBe(403);
    expect((await upload(Buffer.alloc(1024 * 1024 + 1), excused)).status).toBe(400);
    expect((await upload(picture, excused)).status).toBe(201);
    const stored = await fetch(at, { headers: { authorization: `Bearer ${token.secret}`, accept: 'image/*' } });
    expect(Buffer.from(await stored.arrayBuffer())).toEqual(picture);
    expect(stored.headers.get('content-type')).toBe('image/png');
  });
});

describe('attachments', () => {
  test('they come whole or in part, with their metadata where there is any', async () => {
    const { attachment, link } = addAttachment(repo, {
      name: 'ü.txt',
      contentType: 'text/plain',
      content: Buffer.from('0123456789'),
      metadata: '{"a":1}',
    });
    const bare = addAttachment(repo, { name: 'b', contentType: 'text/plain', content: Buffer.from('b') }).attachment;
    expect(link).toBe(`[ü.txt](attachment:${repo.id}/${attachment.id})`);
    const at = `/APP/repos/shop/attachments`;
    const get = (range?: string) =>
      fetch(`${simulator.url}/rest/api/latest/projects${at}/${attachment.id}`, {
        headers: { authorization: `Bearer ${token.secret}`, ...(range === undefined ? {} : { range }) },
      });
    const whole = await get();
    expect([whole.status, await whole.text(), whole.headers.get('content-type')]).toEqual([200, '0123456789', 'text/plain']);
    expect(whole.headers.get('content-disposition')).toContain("filename*=UTF-8''%C3%BC.txt");
    const part = await get('bytes=3-5');
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, '345', 'bytes 3-5/10']);
    expect((await get('bytes=0-1,4-5')).status).toBe(200);
    expect((await get('bytes=99-')).status).toBe(416);
    expect((await ask('GET', `${at}/${attachment.id}/metadata`, token)).body).toMatchObject({ metadata: '{"a":1}' });
    expect((await ask('GET', `${at}/${bare.id}/metadata`, token)).status).toBe(404);
    expect((await ask('GET', `${at}/nothing`, token)).status).toBe(404);
    expect((await ask('POST', at, token, {})).status).toBe(404);
  });
});
