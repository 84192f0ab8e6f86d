import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addCommits, addTag } from './history.ts';
import type { Repo, Token, User } from './model.ts';
import { addPullRequest } from './pull-requests.ts';
import { resolveRef } from './repository.ts';
import { Simulator } from './simulator.ts';

const run = promisify(execFile);
let simulator: Simulator;
let folder: string;
let alice: User;
let repo: Repo;
let token: Token;

beforeAll(async () => {
  simulator = await Simulator.start({ contextPath: '/bitbucket' });
  folder = mkdtempSync(join(tmpdir(), 'clones-'));
});

afterAll(async () => {
  await simulator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  simulator.reset();
  const { state } = simulator;
  alice = state.addUser({ name: 'alice' });
  const project = state.addProject({ key: 'APP' });
  repo = state.addRepo({ project, name: 'Web Shop' });
  state.grant(alice, 'REPO_WRITE', repo);
  token = state.addToken({ user: alice, name: 'canary', permissions: ['REPO_READ'] });
  const [first = ''] = await addCommits(repo, [{ files: { 'README.md': 'hello\n' } }, { files: { 'a.txt': 'a\n' } }]);
  await addTag(repo, 'v1', first, 'first');
});

/** Runs git as a client with the token in its environment, never on its command line. */
async function git(args: string[], authorization = `Bearer ${token.secret}`): Promise<string> {
  const { stdout } = await run('git', args, {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
    },
  });
  return stdout;
}

const basic = (user: string): string => `Basic ${Buffer.from(`${user}:${token.secret}`).toString('base64')}`;
const address = (): string => `${simulator.url}/scm/app/web-shop.git`;

describe('a git client', () => {
  test('clones with a Bearer token and gets every ref', async () => {
    await git(['clone', '--mirror', '-q', address(), join(folder, 'clone.git')]);
    const refs = await git(['ls-remote', address()]);
    expect(refs).toContain(`${await resolveRef(repo.folder, 'refs/heads/main')}\trefs/heads/main`);
    expect(refs).toContain('refs/tags/v1^{}');
    expect(await resolveRef(join(folder, 'clone.git'), 'refs/tags/v1')).toBe(await resolveRef(repo.folder, 'refs/tags/v1'));
  });

  test('speaks protocol v2, and the log says which request was which', async () => {
    await git(['ls-remote', address()]);
    expect(simulator.requests.map(({ method, git: operation, status }) => [method, operation, status])).toEqual([
      ['GET', 'advertise', 200],
      ['POST', 'ls-refs', 200],
    ]);
    expect(simulator.requests[0]).toMatchObject({ user: 'alice', tokenId: token.id, authorization: 'bearer' });
    expect(JSON.stringify(simulator.requests)).not.toContain(token.secret);
  });

  test('uses the token as password of its own user, and of no other', async () => {
    simulator.state.addUser({ name: 'bob' });
    await expect(git(['ls-remote', address()], basic('alice'))).resolves.toContain('refs/heads/main');
    await expect(git(['ls-remote', address()], basic('bob'))).rejects.toThrow('could not read Username');
  });

  test('finds the project key in any case, and personal repositories below ~name', async () => {
    const personal = simulator.state.addRepo({ project: simulator.state.addPersonalProject(alice), name: 'notes' });
    await addCommits(personal, [{ files: { a: 'a' } }]);
    await expect(git(['ls-remote', `${simulator.url}/scm/APP/web-shop.git`])).resolves.toContain('refs/heads/main');
    await expect(git(['ls-remote', `${simulator.url}/scm/~alice/notes.git`])).resolves.toContain('refs/heads/main');
  });

  test('is told 401 without credentials, and 404 for a repository it cannot see', async () => {
    const hidden = simulator.state.addRepo({ project: simulator.state.addProject({ key: 'SECRET' }), name: 'plans' });
    const answer = await fetch(`${address()}/info/refs?service=git-upload-pack`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Atlassian Bitbucket"');
    await expect(git(['ls-remote', `${simulator.url}/scm/secret/${hidden.slug}.git`])).rejects.toThrow('not found');
  });

  test('sees pull requests as refs, and cannot push to them', async () => {
    await addCommits(repo, [{ branch: 'feature', from: 'refs/heads/main', files: { 'b.txt': 'b' } }]);
    await addPullRequest(repo, { from: 'feature', to: 'main', title: 'Add b', author: alice });
    token.permissions = ['REPO_WRITE'];
    expect(await git(['ls-remote', address()])).toMatch(/refs\/pull-requests\/1\/from/);
    await git(['clone', '-q', '--mirror', address(), join(folder, 'pulls.git')]);
    const push = git(['-C', join(folder, 'pulls.git'), 'push', address(), 'main:refs/pull-requests/2/from']);
    await expect(push).rejects.toThrow("reserved for Bitbucket's pull request functionality");
  });

  test('pushes with REPO_WRITE only, and open pull requests follow the branch', async () => {
    await addCommits(repo, [{ branch: 'feature', from: 'refs/heads/main', files: { 'b.txt': 'b' } }]);
    const pull = await addPullRequest(repo, { from: 'feature', to: 'main', title: 'Add b', author: alice });
    await git(['clone', '-q', '--mirror', address(), join(folder, 'push.git')]);
    const [pushed = ''] = await addCommits({ folder: join(folder, 'push.git') }, [{ branch: 'feature', files: { 'c.txt': 'c' } }]);
    const push = () => git(['-C', join(folder, 'push.git'), 'push', '-q', address(), 'feature']);
    await expect(push()).rejects.toThrow('403');
    token.permissions = ['REPO_WRITE'];
    await push();
    await git(['ls-remote', address()]);
    expect(pull.from.commit).toBe(pushed);
    expect(await resolveRef(repo.folder, 'refs/pull-requests/1/from')).toBe(pushed);
  });

  test('is throttled like REST, by user', async () => {
    simulator.limits.enabled = true;
    simulator.limits.overrides.set(alice, { settings: { capacity: 1, fillRate: 1 } });
    await expect(git(['ls-remote', address()])).rejects.toThrow('429');
    expect(simulator.requests.at(-1)).toMatchObject({ status: 429, git: 'ls-refs' });
  });

  test('follows a renamed repository to its new address', async () => {
    simulator.state.moveRepo(repo, { name: 'Store' });
    await expect(git(['ls-remote', address()])).resolves.toContain('refs/heads/main');
    expect(simulator.requests[0]).toMatchObject({ status: 307 });
  });
});
