import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lfsPointer } from './lfs-pointer.ts';
import { addCommits } from './history.ts';
import { addLfsObject } from './lfs.ts';
import type { Repo, Token } from './model.ts';
import { Simulator } from './simulator.ts';
import { there } from './there.ts';

const run = promisify(execFile);
const gitLfs = spawnSync('git', ['lfs', 'version']).status === 0;
if (!gitLfs) console.warn('skipped: git-lfs is not installed');
const content = Buffer.from('a large file, in spirit\n');

let simulator: Simulator;
let repo: Repo;
let token: Token;
let folder: string;

beforeEach(async () => {
  simulator = await Simulator.start({ contextPath: '/bitbucket' });
  folder = mkdtempSync(join(tmpdir(), 'lfs-'));
  const { state } = simulator;
  const alice = state.addUser({ name: 'alice' });
  repo = state.addRepo({ project: state.addProject({ key: 'APP' }), name: 'media' });
  state.grant(alice, 'REPO_WRITE', repo);
  token = state.addToken({ user: alice, name: 'canary', permissions: ['REPO_WRITE'] });
  const oid = addLfsObject(repo, content);
  const pointer = lfsPointer(oid, content.length);
  await addCommits(repo, [{ files: { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n', 'big.bin': pointer } }]);
});

afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function git(...args: string[]): Promise<void> {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_COUNT: '3',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Bearer ${token.secret}`,
    GIT_CONFIG_KEY_1: 'user.name',
    GIT_CONFIG_VALUE_1: 'Alice',
    GIT_CONFIG_KEY_2: 'user.email',
    GIT_CONFIG_VALUE_2: 'alice@example.com',
  };
  await run('git', args, { cwd: folder, env });
}

/** Asks where an object is that the server has lost. */
const batch = (): Promise<Response> =>
  fetch(`${simulator.url}/scm/app/media.git/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token.secret}` },
    body: JSON.stringify({ operation: 'download', objects: [{ oid: '0'.repeat(64), size: 1 }] }),
  });

test.skipIf(!gitLfs)('git-lfs downloads and uploads large files with the same Bearer token', async () => {
  const clone = join(folder, 'media');
  await git('lfs', 'install', '--skip-repo');
  await git('clone', '-q', `${simulator.url}/scm/app/media.git`, clone);
  expect(readFileSync(join(clone, 'big.bin'))).toEqual(content);
  writeFileSync(join(clone, 'new.bin'), 'another\n');
  await git('-C', clone, 'add', '.');
  await git('-C', clone, 'commit', '-q', '-m', 'Add');
  await git('-C', clone, 'push', '-q');
  expect([...repo.lfs.objects.values()].map(String)).toContain('another\n');
});

test.skipIf(!gitLfs)('git-lfs pushes a whole history into another repository, each upload verified, and clones it again', async () => {
  const { state } = simulator;
  const copy = state.addRepo({ project: repo.project, name: 'copy' });
  const alice = there(state.findUser('alice'));
  state.grant(alice, 'REPO_WRITE', copy);
  copy.lfs.enabled = true;
  copy.lfs.faults.verify = true;
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  await git('lfs', 'install', '--skip-repo');
  await git('clone', '-q', `${simulator.url}/scm/app/media.git`, first);
  await git('-C', first, 'remote', 'set-url', 'origin', `${simulator.url}/scm/app/copy.git`);
  await git('-C', first, 'lfs', 'push', '--all', 'origin');
  await git('-C', first, 'push', '-q', 'origin', 'main');
  expect(copy.lfs.objects).toEqual(repo.lfs.objects);
  await git('clone', '-q', `${simulator.url}/scm/app/copy.git`, second);
  expect(readFileSync(join(second, 'big.bin'))).toEqual(content);
});

test('a batch names the objects that are lost, and is refused where LFS is off', async () => {
  expect(await (await batch()).json()).toMatchObject({ objects: [{ error: { code: 404 } }] });
  repo.lfs.enabled = false;
  expect((await batch()).status).toBe(404);
});
