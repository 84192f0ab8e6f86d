import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addLfsObject } from './lfs.ts';
import { alter, cutDownload, lose, ObjectStore, throttleBatch, throttleDownload, vanish } from './lfs-faults.ts';
import type { Repo, Token } from './model.ts';
import { Simulator } from './simulator.ts';
import { there } from './there.ts';

const content = Buffer.from('a large file, in spirit\n'.repeat(100));

let simulator: Simulator;
let repo: Repo;
let token: Token;
let oid: string;

beforeEach(async () => {
  simulator = await Simulator.start();
  const { state } = simulator;
  const alice = state.addUser({ name: 'alice' });
  repo = state.addRepo({ project: state.addProject({ key: 'APP' }), name: 'media' });
  state.grant(alice, 'REPO_WRITE', repo);
  token = state.addToken({ user: alice, name: 'canary', permissions: ['REPO_WRITE'] });
  oid = addLfsObject(repo, content);
});

afterEach(() => simulator[Symbol.asyncDispose]());

interface Action {
  readonly href: string;
  readonly header?: Record<string, string>;
}

interface Batch {
  readonly objects: readonly {
    readonly actions?: Record<'download' | 'upload' | 'verify', Action>;
    readonly error?: { readonly code: number };
  }[];
}

const ask = (operation: string, wanted: string, size: number): Promise<Response> =>
  fetch(`${simulator.url}/scm/app/media.git/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token.secret}` },
    body: JSON.stringify({ operation, objects: [{ oid: wanted, size }] }),
  });

async function actions(operation = 'download', wanted = oid, size = content.length) {
  const [object] = ((await (await ask(operation, wanted, size)).json()) as Batch).objects;
  return there(object?.actions);
}

const follow = ({ href, header }: Action, init: RequestInit = {}): Promise<Response> =>
  fetch(href, { ...init, headers: { Authorization: `Bearer ${token.secret}`, ...header } });

const hash = (bytes: ArrayBuffer | Buffer): string =>
  createHash('sha256')
    .update(Buffer.from(bytes as ArrayBuffer))
    .digest('hex');

test('an object can vanish between batch and download, arrive altered, or be lost', async () => {
  const { download } = await actions();
  expect(hash(await (await follow(download)).arrayBuffer())).toBe(oid);
  alter(repo, oid);
  const altered = await (await follow(download)).arrayBuffer();
  expect([altered.byteLength, hash(altered) === oid]).toEqual([content.length, false]);
  vanish(repo, oid);
  expect((await follow((await actions()).download)).status).toBe(404);
  repo.lfs.faults.vanished.clear();
  lose(repo, oid);
  expect(await (await ask('download', oid, 1)).json()).toMatchObject({ objects: [{ error: { code: 404 } }] });
});

test('a download can be cut, and both steps can be throttled', async () => {
  cutDownload(simulator, oid, { at: 500, times: 1 });
  const { download } = await actions();
  await expect(follow(download).then((response) => response.arrayBuffer())).rejects.toThrow('terminated');
  throttleDownload(simulator, { times: 1, retryAfter: 7 });
  const refused = await follow(download);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7']);
  expect((await follow(download)).status).toBe(200);
  throttleBatch(simulator, { times: 1 });
  expect((await ask('download', oid, 1)).status).toBe(429);
});

test('where the batch hands out passes, the token opens no object, and a pass opens nothing else', async () => {
  repo.lfs.faults.ownAuthorization = true;
  const { download } = await actions();
  expect((await follow({ href: download.href })).status).toBe(401);
  expect((await follow(download)).status).toBe(200);
  const elsewhere = { href: `${simulator.url}/rest/api/latest/projects/APP`, header: download.header ?? {} };
  expect((await follow(elsewhere)).status).toBe(401);
});

test('an object store elsewhere has the object and tells when it was sent a token', async () => {
  await using store = await ObjectStore.start(repo);
  const { download } = await actions();
  expect(new URL(download.href).origin).not.toBe(new URL(simulator.url).origin);
  expect(hash(await (await fetch(download.href)).arrayBuffer())).toBe(oid);
  expect(store.leaks(simulator)).toEqual([]);
  await follow(download);
  expect(store.leaks(simulator)).toEqual([`GET /${oid}`]);
});

test('an upload is taken only when it is what its oid says, and verified when that is asked', async () => {
  repo.lfs.faults.verify = true;
  const fresh = Buffer.from('fresh\n');
  const { upload, verify } = await actions('upload', hash(fresh), fresh.length);
  expect((await follow(upload, { method: 'PUT', body: 'other' })).status).toBe(400);
  const asked = { method: 'POST', body: JSON.stringify({ oid: hash(fresh), size: fresh.length }) };
  expect((await follow(verify, asked)).status).toBe(404);
  expect((await follow(upload, { method: 'PUT', body: fresh })).status).toBe(200);
  expect((await follow(verify, asked)).status).toBe(200);
});

test('the switch is an administrator’s, and off means no batch', async () => {
  const at = `${simulator.url}/rest/git-lfs/admin/projects/APP/repos/media/enabled`;
  const change = (method: string, by = token) => fetch(at, { method, headers: { authorization: `Bearer ${by.secret}` } });
  expect([(await change('GET')).status, (await change('DELETE')).status]).toEqual([200, 401]);
  const admin = simulator.state.addToken({ repo, name: 'admin', permissions: ['REPO_ADMIN'] });
  expect((await change('DELETE', admin)).status).toBe(204);
  expect([(await change('GET')).status, (await ask('download', oid, 1)).status]).toEqual([404, 404]);
  expect((await change('PUT', admin)).status).toBe(204);
  expect((await ask('download', oid, 1)).status).toBe(200);
});

test.each(['{}', 'no json', '{"operation":"download","objects":[{"oid":"../x","size":1}]}'])('a batch of %s is refused', async (body) => {
  const headers = { authorization: `Bearer ${token.secret}` };
  const response = await fetch(`${simulator.url}/scm/app/media.git/info/lfs/objects/batch`, { method: 'POST', headers, body });
  expect(response.status).toBe(422);
});
