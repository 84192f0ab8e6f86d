import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFile, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gitConnections } from '@gitprotect/agent/git/http';
import { Secret } from '@gitprotect/agent/lib/secret';
import { uploadLfs } from '@gitprotect/agent/restore/lfs/to-server';
import { lfsName } from '@gitprotect/agent/storage/layout';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fillLfs, type FilledLfs } from '../bitbucket/everything/lfs.ts';
import { addCommits } from '../bitbucket/history.ts';
import type { Repo, Token } from '../bitbucket/model.ts';
import { git } from '../bitbucket/repository.ts';
import { Simulator } from '../bitbucket/simulator.ts';
import { World } from '../world.ts';

const run = promisify(execFile);
const gitLfs = spawnSync('git', ['lfs', 'version']).status === 0;
const signal = new AbortController().signal;
let world: World;
let other: Simulator;
let connections: ReturnType<typeof gitConnections>;
let source: Repo;
let target: Repo;
let token: Token;
let oids: FilledLfs;

/** A backup of large files, and an empty repo on another server that takes some. */
beforeEach(async () => {
  world = await World.start();
  other = await Simulator.start({ clock: world.clock, contextPath: '/context' });
  connections = gitConnections();
  source = world.addRepo('one');
  await addCommits(source, [{ message: 'Begin', files: { 'README.md': '# one\n' } }]);
  oids = await fillLfs(world.bitbucket, { repo: source });
  await world.run(await world.plan([world.addReader('ann')], { leaveOut: [] }));
  const writer = other.state.addUser({ name: 'writer' });
  target = other.state.addRepo({ project: other.state.addProject({ key: 'BACK' }), name: 'media' });
  target.lfs.enabled = true;
  other.state.grant(writer, 'REPO_WRITE', target);
  token = other.state.addToken({ user: writer, name: 'restore', permissions: ['REPO_WRITE'] });
});

afterEach(async () => {
  await connections.destroy();
  await world[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

async function place() {
  const { catalogue, plain, keys } = await world.app.place(signal);
  const [snapshot] = await catalogue.list({});
  if (snapshot === undefined) throw new Error('no snapshot');
  const { manifest } = await catalogue.manifest(await catalogue.find({ repo: snapshot, snapshotId: snapshot.id }), { signal });
  return { manifest, storage: plain, keys };
}

async function upload() {
  const { manifest, ...from } = await place();
  const line = { baseUrl: other.url, dispatcher: connections, now: () => world.clock.now() };
  const repo = { projectKey: 'BACK', slug: 'media' };
  return uploadLfs(manifest, from, { line, repo, token: new Secret(token.secret), clock: world.clock, signal });
}

const saved = (): string[] => [...oids.current, oids.old].toSorted();
const there = (): string[] => [...target.lfs.objects.keys()].toSorted();
const lost = () => ({ oid: oids.missing, why: expect.stringContaining('the backup does not have it') });
const puts = () => other.requests.filter(({ method }) => method === 'PUT');

describe('large files that go up to a server', () => {
  test('are those the backup has, each once; the lost one is named, and what the server has is not sent again', async () => {
    target.lfs.faults.verify = true;
    expect(await upload()).toEqual({ objects: 3, failed: [lost()] });
    expect(there()).toEqual(saved());
    expect(puts()).toHaveLength(3);
    expect(await upload()).toEqual({ objects: 3, failed: [lost()] });
    expect(puts()).toHaveLength(3);
  });

  test('arrive where the server throttles, breaks off or wants a pass of its own', async () => {
    target.lfs.faults.ownAuthorization = true;
    other.faults.add({ kind: 'throttle', retryAfter: 30 }, { git: 'lfs', times: 1 });
    other.faults.add({ kind: 'throttle', retryAfter: 30 }, { method: 'PUT', times: 2 });
    other.faults.add({ kind: 'unavailable' }, { method: 'PUT', nth: 3, times: 2 });
    other.faults.add({ kind: 'reset' }, { method: 'PUT', nth: 5, times: 1 });
    expect(await upload()).toEqual({ objects: 3, failed: [lost()] });
    expect(there()).toEqual(saved());
  });

  test('that the server refuses, or that are gone from storage, are named with the reason, and the others arrive', async () => {
    const [first = '', second = ''] = oids.current;
    const { storage, manifest } = await place();
    await storage.remove(lfsName(manifest.server.id, first));
    other.faults.add({ kind: 'unavailable', status: 507 }, { method: 'PUT', path: new RegExp(second) });
    const { objects, failed } = await upload();
    expect(objects).toBe(1);
    expect(Object.fromEntries(failed.map(({ oid, why }) => [oid, why]))).toEqual({
      [oids.missing]: lost().why,
      [first]: expect.stringContaining('is not in the storage'),
      [second]: expect.stringContaining('507'),
    });
    expect(there()).toEqual([oids.old]);
  });

  test.skipIf(!gitLfs)('are what a real git lfs then gets from it', async () => {
    await upload();
    await git(source.folder, ['push', '--quiet', target.folder, 'refs/heads/*:refs/heads/*']);
    const home = mkdtempSync(join(tmpdir(), 'lfs-upload-'));
    try {
      writeFileSync(
        join(home, '.gitconfig'),
        `[http]\n\textraHeader = Authorization: Bearer ${token.secret}\n[filter "lfs"]\n\tsmudge = git-lfs smudge --skip -- %f\n\tclean = git-lfs clean -- %f\n`,
      );
      const env = { PATH: process.env['PATH'], HOME: home, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' };
      const clone = join(home, 'clone');
      await run('git', ['clone', '--quiet', '--branch', 'large-files', `${other.url}/scm/back/media.git`, clone], { cwd: home, env });
      await run('git', ['lfs', 'pull', '--exclude', 'assets/lost.bin'], { cwd: clone, env });
      expect(readFileSync(join(clone, 'assets/first.bin'), 'utf8')).toBe('first of one\n');
      expect(readFileSync(join(clone, 'assets/ünïcode ✓.bin'))).toEqual(Buffer.alloc(300_000, 'one'));
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
