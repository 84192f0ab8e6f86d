import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fillLfs } from '../bitbucket/everything/lfs.ts';
import { addCommits } from '../bitbucket/history.ts';
import type { Repo } from '../bitbucket/model.ts';
import { World } from '../world.ts';

const run = promisify(execFile);
const gitLfs = existsSync('/usr/bin/git-lfs');
let world: World;
let repo: Repo;

beforeEach(async () => {
  world = await World.start();
  repo = world.addRepo('one');
  await addCommits(repo, [{ message: 'Begin', files: { 'README.md': '# one\n' } }]);
  await fillLfs(world.bitbucket, { repo });
  await world.run(await world.plan([world.addReader('ann')], { leaveOut: [] }));
});

afterEach(() => world[Symbol.asyncDispose]());

describe.skipIf(!gitLfs)('large files of a restored folder', () => {
  test('are what git lfs checks out of a clone of it, and the lost one is named', async () => {
    const report = await world.restore('one');
    expect(report).toMatchObject({ verified: true, lfs: { objects: 3, missing: [expect.stringContaining('assets/lost.bin')] } });
    const home = join(world.root, 'user');
    const clone = join(world.root, 'clone');
    mkdirSync(home);
    const env = { PATH: process.env['PATH'], HOME: home, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' };
    const git = (cwd: string, ...args: string[]) => run('git', args, { cwd, env });
    await git(world.root, 'lfs', 'install', '--skip-repo');
    // The lost file would stop a checkout at its place: first the pointers, then all files but that one.
    const cloned = { ...env, GIT_LFS_SKIP_SMUDGE: '1' };
    await run('git', ['clone', '--quiet', '--branch', 'large-files', `file://${report.folder}`, clone], { cwd: world.root, env: cloned });
    await git(clone, 'lfs', 'pull', '--exclude', 'assets/lost.bin');
    const names = (await git(clone, 'lfs', 'ls-files', '--name-only')).stdout.trim().split('\n');
    const whole = names.filter(
      (name) => existsSync(join(clone, name)) && !readFileSync(join(clone, name), 'latin1').startsWith('version https://git-lfs'),
    );
    expect(whole.length).toBe(names.length - 1);
  });
});
