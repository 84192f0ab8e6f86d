import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bitbucketClient } from '@gitprotect/agent/bitbucket/client';
import { patient } from '@gitprotect/agent/bitbucket/patient';
import { listProjects, readProject } from '@gitprotect/agent/bitbucket/projects';
import { listRepos } from '@gitprotect/agent/bitbucket/repos';
import { Secret } from '@gitprotect/agent/lib/secret';
import type { SimulatorOptions } from '../bitbucket/simulator.ts';
import { type AccessWorld, startAccessWorld } from './access-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'gitprotect-tls-'));
let https: { key: string; cert: string };
const open: AsyncDisposable[] = [];

beforeAll(() => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/O=Orchard/CN=bitbucket.test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', ...subject, ...files], { stdio: 'ignore' });
  https = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

async function start(options: SimulatorOptions = {}): Promise<AccessWorld> {
  const world = await startAccessWorld(options);
  open.push(world);
  return world;
}

/** A server that is no Bitbucket; `seen` holds the requests it got. */
async function otherServer(answer: RequestListener): Promise<{ url: string; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  open.push({
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function withProject(world: AccessWorld) {
  const { state } = world.bitbucket;
  const jane = state.addUser({ name: 'jane' });
  const project = state.addProject({ key: 'ORCH', name: 'Orchard' });
  state.grant(jane, 'PROJECT_READ', project);
  const token = new Secret(state.addToken({ user: jane, name: 'canary', permissions: ['PROJECT_READ', 'REPO_READ'] }).secret);
  return { jane, project, token };
}

describe('adding a server', () => {
  test('takes any page below its context path, sends no credential, and knows it again', async () => {
    const { bitbucket, servers } = await start({ contextPath: '/git/bitbucket' });
    const server = await servers.add({ url: `${bitbucket.url}/projects/ORCH` });
    expect(server).toMatchObject({ url: bitbucket.url, version: '10.4.3', hasCa: false });
    expect(server.id).toMatch(/^127-0-0-1-\d+-[0-9a-f]{8}$/);
    expect(await servers.add({ url: `${bitbucket.url}/` })).toEqual(server);
    expect(await servers.list()).toHaveLength(1);
    expect(bitbucket.requests.map(({ authorization }) => authorization)).toEqual(['none', 'none']);
  });

  test('without its context path says that it may be missing', async () => {
    const { bitbucket, servers } = await start();
    await expect(servers.add({ url: new URL(bitbucket.url).origin })).rejects.toMatchObject({
      code: 'server-not-bitbucket',
      remedy: expect.stringContaining('/bitbucket'),
    });
  });

  test('with a certificate nobody signed names it with its fingerprint; with it as CA all is well', async () => {
    const { bitbucket, servers } = await start({ https });
    await expect(servers.add({ url: bitbucket.url })).rejects.toMatchObject({
      code: 'server-certificate',
      message: expect.stringContaining('CN=bitbucket.test'),
      remedy: expect.stringMatching(/([0-9A-F]{2}:){31}[0-9A-F]{2}.*--ca/),
    });
    expect(await servers.add({ url: bitbucket.url, ca: https.cert })).toMatchObject({ hasCa: true, version: '10.4.3' });
    expect(await servers.add({ url: bitbucket.url })).toMatchObject({ hasCa: true });
  });

  test('with http where https is served, and the other way round, says which', async () => {
    const [secure, plain] = [await start({ https }), await start()];
    await expect(secure.servers.add({ url: secure.bitbucket.url.replace('https:', 'http:') })).rejects.toMatchObject({
      code: 'server-needs-https',
      remedy: expect.stringContaining('https://127.0.0.1'),
    });
    await expect(plain.servers.add({ url: plain.bitbucket.url.replace('http:', 'https:') })).rejects.toMatchObject({
      code: 'server-needs-https',
      message: expect.stringContaining('does not speak https'),
    });
  });

  test('that redirects names the right address instead of going there', async () => {
    const { bitbucket, servers } = await start();
    const old = await otherServer((request, response) => {
      response.writeHead(301, { location: `${bitbucket.url}${request.url}` }).end();
    });
    await expect(servers.add({ url: old.url })).rejects.toMatchObject({
      code: 'server-redirects',
      remedy: `add ${bitbucket.url} instead: Bitbucket 10.4.3 answers there`,
    });
    expect(await servers.list()).toEqual([]);
  });

  test('is refused for one that is gone, and for one that is something else', async () => {
    const { servers } = await start();
    await expect(servers.add({ url: 'http://127.0.0.1:1' })).rejects.toMatchObject({ code: 'server-unreachable' });
    const page = await otherServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'));
    await expect(servers.add({ url: page.url })).rejects.toMatchObject({ code: 'server-not-bitbucket' });
  });

  test('is undone only once nothing is on it', async () => {
    const { bitbucket, servers, projects } = await start();
    const { id: serverId } = await servers.add({ url: bitbucket.url });
    const { id } = await projects.add({ serverId, key: 'ORCH' });
    await expect(servers.remove(serverId)).rejects.toMatchObject({ code: 'not-allowed', message: expect.stringContaining('1 project') });
    await projects.remove(id);
    await servers.remove(serverId);
    expect(await servers.list()).toEqual([]);
  });
});

describe('reading a server', () => {
  test('never sends a token to another address', async () => {
    const world = await start();
    const { token } = withProject(world);
    const thief = await otherServer((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
    for (const status of [301, 302, 303, 307, 308]) {
      world.bitbucket.faults.clear();
      world.bitbucket.faults.add({ kind: 'redirect', to: `${thief.url}/`, status });
      await using client = bitbucketClient({ baseUrl: world.bitbucket.url });
      await expect(readProject(client.as(token), 'ORCH')).rejects.toMatchObject({
        code: 'server-redirects',
        message: expect.stringContaining(thief.url),
      });
    }
    expect(thief.seen).toEqual([]);
  });

  test('follows a renamed project on the same server', async () => {
    const world = await start();
    const { token, project } = withProject(world);
    world.bitbucket.state.addRepo({ project, name: 'apple' });
    const to = `${world.bitbucket.url}/rest/api/latest/projects/ORCH`;
    const { id: serverId } = await world.servers.add({ url: world.bitbucket.url });
    await world.credentials.add({ serverId, token });
    expect(await world.projects.add({ serverId, key: 'old' })).toMatchObject({ key: 'OLD', bitbucketId: null });
    world.bitbucket.faults.add({ kind: 'redirect', to, status: 307 }, { path: /projects\/old$/i });
    expect(await world.projects.add({ serverId, key: 'old' })).toMatchObject({ key: 'ORCH', name: 'Orchard', coverage: { repos: 1 } });
  });

  test('says what came when it was no JSON, and when the JSON lacks what is needed', async () => {
    const world = await start();
    const { token } = withProject(world);
    await using client = bitbucketClient({ baseUrl: world.bitbucket.url });
    world.bitbucket.faults.add({ kind: 'login-page' }, { times: 1 });
    await expect(readProject(client.as(token), 'ORCH')).rejects.toMatchObject({
      code: 'server-bad-answer',
      message: expect.stringContaining('web page'),
    });
    world.bitbucket.faults.add({ kind: 'truncate', at: 20 }, { times: 1 });
    await expect(readProject(client.as(token), 'ORCH')).rejects.toMatchObject({
      code: 'server-bad-answer',
      message: expect.stringContaining('broken JSON'),
    });
    const strange = await otherServer((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"key":"ORCH","id":1}'),
    );
    await using other = bitbucketClient({ baseUrl: strange.url });
    await expect(readProject(other.as(token), 'ORCH')).rejects.toMatchObject({
      code: 'server-bad-answer',
      message: expect.stringContaining('name'),
    });
  });

  test('ends a list that would never end', async () => {
    const { url } = await otherServer((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"values":[],"isLastPage":false,"nextPageStart":0}'),
    );
    await using client = bitbucketClient({ baseUrl: url });
    await expect(listProjects(client.as(null)).next()).rejects.toMatchObject({
      code: 'server-bad-answer',
      message: expect.stringContaining('does not end'),
    });
  });

  test('gets over a broken connection and a busy server, but not over a wrong token', async () => {
    const world = await start();
    const { token } = withProject(world);
    const { bitbucket, clock } = world;
    await using client = bitbucketClient({ baseUrl: bitbucket.url, clock });
    bitbucket.faults.add({ kind: 'reset' }, { times: 1 });
    bitbucket.faults.add({ kind: 'unavailable', status: 502 }, { nth: 2, times: 1 });
    expect(await readProject(patient(client.as(token), clock), 'ORCH')).toMatchObject({ key: 'ORCH' });
    bitbucket.requests.length = 0;
    const wrong = patient(client.as(new Secret('CANARY-wrong')), clock);
    await expect(readProject(wrong, 'ORCH')).rejects.toMatchObject({ code: 'token-rejected' });
    await expect(readProject(patient(client.as(token), clock), 'NONE')).rejects.toMatchObject({ code: 'project-not-found' });
    expect(bitbucket.requests).toHaveLength(2);
  });

  test('tells a token that may not from one that is wrong', async () => {
    const world = await start();
    const { token, jane } = withProject(world);
    await using client = bitbucketClient({ baseUrl: world.bitbucket.url });
    const path = `/rest/access-tokens/latest/users/${jane.slug}`;
    await expect(client.as(token).text(path, {})).rejects.toMatchObject({ code: 'token-no-read' });
  });

  test('reads a project page by page, archived repos included, whatever page size the server allows', async () => {
    const world = await start({ pageLimit: 3 });
    const { token, project } = withProject(world);
    for (let n = 0; n < 10; n += 1) world.bitbucket.state.addRepo({ project, name: `repo ${n}`, archived: n % 4 === 0 });
    await using client = bitbucketClient({ baseUrl: world.bitbucket.url });
    const repos = await listRepos(client.as(token), 'ORCH');
    expect(repos.map(({ slug }) => slug)).toEqual(Array.from({ length: 10 }, (_, n) => `repo-${n}`));
    expect(repos.filter(({ archived }) => archived)).toHaveLength(3);
  });
});
