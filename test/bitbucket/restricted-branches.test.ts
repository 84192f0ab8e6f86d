import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { asAdministrator } from './everything/as-administrator.ts';
import { addCommits } from './history.ts';
import type { Repo, User } from './model.ts';
import { resolveRef } from './repository.ts';
import { Simulator } from './simulator.ts';

const run = promisify(execFile);
let simulator: Simulator;
let folder: string;
let alice: User;
let bob: User;
let repo: Repo;

beforeAll(async () => {
  simulator = await Simulator.start();
});

afterAll(() => simulator[Symbol.asyncDispose]());

beforeEach(async () => {
  simulator.reset();
  const { state } = simulator;
  [alice, bob] = [state.addUser({ name: 'alice' }), state.addUser({ name: 'bob' })];
  state.addGroup('keepers', [bob]);
  repo = state.addRepo({ project: state.addProject({ key: 'APP' }), name: 'shop' });
  for (const user of [alice, bob]) state.grant(user, 'REPO_WRITE', repo);
  await addCommits(repo, [{ files: { 'README.md': 'hello\n' } }]);
});

/** Whether `user` may push what is on `main` to `branch`. */
async function pushes(user: User, branch: string): Promise<boolean> {
  folder = mkdtempSync(join(tmpdir(), 'restricted-'));
  const { secret } = simulator.state.addToken({ user, name: 'push', permissions: ['REPO_WRITE'] });
  const address = `${simulator.url}/scm/app/shop.git`;
  const header = `http.extraHeader=Authorization: Bearer ${secret}`;
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' };
  try {
    await run('git', ['-c', header, 'clone', '--bare', '--quiet', address, folder], { env });
    await run('git', ['-c', header, 'push', address, `refs/heads/main:refs/heads/${branch}`], { cwd: folder, env });
    return true;
  } catch (error) {
    if (!String((error as { stderr?: string }).stderr).includes('restricted')) throw error;
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const restrict = (type: string, matcher: object, place = 'projects/APP/repos/shop', exempt = {}) =>
  asAdministrator(simulator, `POST /branch-permissions/latest/${place}/restrictions`, { type, matcher, ...exempt });

test.each([
  ['read-only', { id: 'refs/heads/größe', type: { id: 'BRANCH' } }, 'größe', 'other'],
  ['pull-request-only', { id: 'release/*', type: { id: 'PATTERN' } }, 'release/1', 'releases'],
  ['read-only', { id: 'HOTFIX', type: { id: 'MODEL_CATEGORY' } }, 'hotfix/1', 'feature/1'],
])('%s keeps people from the branches it is for', async (type, matcher, closed, open) => {
  await restrict(type, matcher);
  expect([await pushes(alice, closed), await pushes(alice, open)]).toEqual([false, true]);
  expect(await resolveRef(repo.folder, `refs/heads/${closed}`)).toBeUndefined();
});

test('a project restricts its repositories, and those who are exempt may push', async () => {
  const anyRef = { id: 'any', type: { id: 'ANY_REF' } };
  await restrict('read-only', anyRef, 'projects/APP', { groups: ['keepers'] });
  expect([await pushes(alice, 'new'), await pushes(bob, 'new')]).toEqual([false, true]);
});

test('other restrictions let pushes through', async () => {
  await restrict('no-deletes', { id: 'any', type: { id: 'ANY_REF' } });
  expect(await pushes(alice, 'new')).toBe(true);
});
