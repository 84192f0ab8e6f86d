import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addCommits, addTag } from './history.ts';
import type { Repo, Token, User } from './model.ts';
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

const address = (): string => `${simulator.url}/scm/app/web-shop.git`;

describe('a git client', () => {
  test('clones with a Bearer token and gets every ref', async () => {
    await git(['clone', '--mirror', '-q', address(), join(folder, 'clone.git')]);
    const refs = await git(['ls-remote', address()]);
    expect(refs).toContain(`${await resolveRef(repo.folder, 'refs/heads/main')}\trefs/heads/main`);
    expect(refs).toContain('refs/tags/v1^{}');
    expect(await resolveRef(join(folder, 'clone.git'), 'refs/tags/v1')).toBe(await resolveRef(repo.folder, 'refs/tags/v1'));
  });
});
