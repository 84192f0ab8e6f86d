import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pushAll, type PushTarget } from '@gitprotect/agent/git/push';
import { Secret } from '@gitprotect/agent/lib/secret';
import { line, repositoryFixtures } from '../repositories/fixtures.ts';
import { allRefs, emptyRepository, fastImport, git } from '../repositories/real-git.ts';
import { serveRepositories, type RepositoryServer } from '../repositories/serve.ts';

const root = mkdtempSync(join(tmpdir(), 'push-'));
const canary = 'BBDC-canary-push-token';
const host = { machine: { PATH: process.env['PATH'] ?? '' }, signal: new AbortController().signal };
const authorizations = new Set<string | undefined>();
let server: RepositoryServer;
let redirecting: RepositoryServer;
let refusing: RepositoryServer;

beforeAll(async () => {
  server = await serveRepositories(root, (request) => {
    authorizations.add(request.headers.authorization);
    return false;
  });
  redirecting = await serveRepositories(root, (request, response) => {
    response.writeHead(302, { location: server.url((request.url ?? '').slice(1)) }).end();
    return true;
  });
  refusing = await serveRepositories(root, (_request, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
    return true;
  });
});

afterAll(async () => {
  for (const one of [server, redirecting, refusing]) await one[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

const to = (from: RepositoryServer, name: string): PushTarget => ({ url: from.url(name), token: new Secret(canary) });
const branchesAndTags = (dir: string): string[] =>
  allRefs(dir).filter((text) => /refs\/(?:heads|tags)\//.test(text) && !text.startsWith('HEAD'));

async function repository(name: string): Promise<string> {
  const dir = join(root, name);
  mkdirSync(dir);
  emptyRepository(dir);
  await fastImport(dir, line('refs/heads/main', 1, 5));
  return dir;
}

test.each([
  'plain',
  'nested tags',
  'tags of blobs and trees',
  'refs that differ only in case',
  'legacy objects that a strict git refuses',
  'sha256',
  '20,000 refs',
])('every branch and tag arrives, and no pull request ref: %s', async (name) => {
  const fixture = repositoryFixtures.find((candidate) => candidate.name === name);
  const index = repositoryFixtures.findIndex((candidate) => candidate.name === name);
  const source = join(root, `${index}.git`);
  await fixture?.create(source);
  const target = join(root, `${index}-target.git`);
  emptyRepository(target, name === 'sha256' ? 'sha256' : 'sha1');
  expect(await pushAll(source, to(server, `${index}-target.git`), host)).toEqual([]);
  expect(branchesAndTags(target)).toEqual(branchesAndTags(source));
  expect(git(target, ['for-each-ref', 'refs/pull-requests'])).toBe('');
  expect(readFileSync(join(source, 'config'), 'utf8')).not.toContain(canary);
  expect(authorizations).toEqual(new Set([`Bearer ${canary}`]));
});

test('a ref that is already there, elsewhere, is left as it is and named', async () => {
  const source = await repository('ahead.git');
  const target = join(root, 'taken.git');
  emptyRepository(target);
  await fastImport(target, line('refs/heads/main', 50, 51));
  const before = allRefs(target);
  expect(await pushAll(source, to(server, 'taken.git'), host)).toEqual([
    { ref: 'refs/heads/main', reason: expect.stringContaining('rejected') },
  ]);
  expect(allRefs(target)).toEqual(before);
});

test('a redirect is not followed, a refusal and a missing repo are named', async () => {
  const source = await repository('source.git');
  emptyRepository(join(root, 'elsewhere.git'));
  const heard = server.requests.length;
  await expect(pushAll(source, to(redirecting, 'elsewhere.git'), host)).rejects.toMatchObject({ code: 'server-redirects' });
  expect(server.requests).toHaveLength(heard);
  await expect(pushAll(source, to(refusing, 'elsewhere.git'), host)).rejects.toMatchObject({ code: 'token-rejected' });
  await expect(pushAll(source, to(server, 'nowhere.git'), host)).rejects.toMatchObject({ code: 'repo-not-found' });
  await expect(pushAll(source, { url: 'http://127.0.0.1:1/a.git', token: new Secret(canary) }, host)).rejects.toMatchObject({
    code: 'server-unreachable',
  });
});
