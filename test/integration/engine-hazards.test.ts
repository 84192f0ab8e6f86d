import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { concatPacks } from '@gitprotect/agent/git/concat-packs';
import { fetchPack } from '@gitprotect/agent/git/fetch-pack';
import { growingListings } from '@gitprotect/agent/git/pieces';
import { planFetch } from '@gitprotect/agent/git/plan-fetch';
import { initBare } from '@gitprotect/agent/git/bare-repo';
import { fsck, gitVersion } from '@gitprotect/agent/git/git';
import { gitConnections, undiciTransport } from '@gitprotect/agent/git/http';
import { listRefs } from '@gitprotect/agent/git/list-refs';
import { indexPacks } from '@gitprotect/agent/git/index-packs';
import { readRefs, rebuild, writeRefs } from '@gitprotect/agent/git/rebuild';
import { runGit } from '@gitprotect/agent/git/run-git';
import type { GitTransport } from '@gitprotect/agent/git/transport';
import { bigRepository } from '../repositories/big.ts';
import { line } from '../repositories/fixtures.ts';
import { allRefs, emptyRepository, fastImport, git, looseObject, unpackAll } from '../repositories/real-git.ts';
import { serveRepositories, type RepositoryServer } from '../repositories/serve.ts';
import { packsOf, save, type Saved } from './chain.ts';

const root = mkdtempSync(join(tmpdir(), 'hazards-'));
const connections = gitConnections();
const { signal } = new AbortController();
const host = { machine: { PATH: process.env['PATH'] ?? '' }, signal };
const main = 'refs/heads/main';
let server: RepositoryServer;

beforeAll(async () => {
  server = await serveRepositories(root);
});

afterAll(async () => {
  await connections.close();
  await server[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

const transportTo = (name: string): GitTransport => undiciTransport({ url: server.url(name), token: null, dispatcher: connections });

function folder(name: string): string {
  mkdirSync(join(root, name), { recursive: true });
  return join(root, name);
}

/** A repo with twenty commits on `main`. */
async function repository(name: string): Promise<string> {
  const dir = join(root, name);
  emptyRepository(dir);
  await fastImport(dir, line(main, 1, 20));
  return dir;
}

test('a force-push between listing and fetching is "moved" once the server has forgotten the old tip', async () => {
  const dir = await repository('moved.git');
  const to = transportTo('moved.git');
  const listing = await listRefs(to, { signal });
  git(dir, ['update-ref', main, `${main}~3`]);
  git(dir, ['gc', '--quiet', '--prune=now']);
  const wants = listing.unchanged ? [] : [...listing.refs.values()].map(({ oid }) => oid);
  await expect(fetchPack(to, { wants, haves: [], objectFormat: 'sha1', signal })).rejects.toMatchObject({ code: 'git-moved' });
  const { links } = await save(to, folder('moved'));
  expect(links).toHaveLength(1);
});

test('a ref put on an old commit costs a pack of no objects and no bundle, and comes back', async () => {
  const dir = await repository('old-commit.git');
  const first = await save(transportTo('old-commit.git'), folder('old-commit'));
  git(dir, ['update-ref', 'refs/heads/back', `${main}~7`]);
  const second = await save(transportTo('old-commit.git'), folder('old-commit'), first);
  expect(second.plan.wants).toHaveLength(1);
  expect(second.links).toEqual(first.links);
  const copy = folder('old-commit-copy.git');
  await rebuild(copy, { ...second.listing, packs: packsOf(second.links) }, host);
  expect(allRefs(copy)).toEqual(allRefs(dir));
  expect(await fsck(copy, host)).toMatchObject({ whole: true });
});

test('a change that is taken back, so that its file is sent again as a thin delta, comes back', async () => {
  const dir = await repository('back-again.git');
  git(dir, ['config', 'repack.writeBitmaps', 'false']);
  const to = transportTo('back-again.git');
  const text = (third: string): string => Array.from({ length: 500 }, (_, at) => `line ${at === 3 ? third : at}\n`).join('');
  const commit = async (third: string): Promise<void> => {
    const content = text(third);
    const from = `from ${main}^0\nM 100644 inline long.txt\ndata ${content.length}\n${content}\n`;
    await fastImport(dir, [`commit ${main}\ncommitter Ada <ada@example.org> 1700000000 +0000\ndata 1\nx\n${from}`]);
    // As one pack of its own, so that the server has deltas to hand on.
    git(dir, ['repack', '-adq', '-f']);
  };
  let saved: Saved | undefined;
  for (const third of ['one', 'two', 'one', 'two']) {
    await commit(third);
    saved = await save(to, folder('back-again'), saved);
  }
  if (saved === undefined) throw new Error('nothing was saved');
  const joined = concatPacks(packsOf(saved.links), 'sha1');
  const apart = folder('back-again-apart.git');
  await initBare(apart, 'sha1');
  expect((await runGit(apart, ['index-pack', '--stdin', '--fix-thin'], host, joined)).stderr).toContain('already resolved');
  for (const connected of [false, true]) {
    const copy = folder(`back-again-${connected}.git`);
    await rebuild(copy, { ...saved.listing, packs: packsOf(saved.links), connected }, host);
    expect(allRefs(copy)).toEqual(allRefs(dir));
    expect(await fsck(copy, host, { full: true })).toMatchObject({ whole: true });
    expect(readdirSync(join(copy, 'objects/pack')).filter((name) => name.startsWith('tmp'))).toEqual([]);
  }
});

test('a chain with a link missing is not taken for whole', async () => {
  const dir = await repository('gap.git');
  const first = await save(transportTo('gap.git'), folder('gap'));
  await fastImport(dir, line(main, 1, 3, `${main}^0`));
  const second = await save(transportTo('gap.git'), folder('gap'), first);
  await fastImport(dir, line(main, 1, 3, `${main}^0`));
  const third = await save(transportTo('gap.git'), folder('gap'), second);
  const copy = folder('gap-copy.git');
  const links = third.links.filter((_link, index) => index !== 1);
  const outcome = await rebuild(copy, { ...third.listing, packs: packsOf(links) }, host).then(
    async () => (await fsck(copy, host)).whole,
    (error: unknown) => error,
  );
  expect(outcome === false || (outcome instanceof Error && 'code' in outcome && outcome.code === 'git-failed')).toBe(true);
});

test('lost objects are named', async () => {
  const dir = await repository('lost.git');
  const blob = git(dir, ['rev-parse', `${main}:README.md`]);
  unpackAll(dir);
  rmSync(looseObject(dir, blob));
  expect(await fsck(dir, host)).toMatchObject({ whole: false, lost: [{ type: 'blob', oid: blob }] });
  git(dir, ['update-ref', '-d', main]);
  await writeRefs(dir, new Map([[main, { oid: '1'.repeat(40) }]]), { symbolic: main });
  expect(await fsck(dir, host)).toMatchObject({ whole: false, lost: [{ type: 'unknown', oid: '1'.repeat(40) }] });
});

test('a pack that is damaged leaves nothing behind', async () => {
  await repository('damaged.git');
  const { links } = await save(transportTo('damaged.git'), folder('damaged'));
  const copy = folder('damaged-copy.git');
  await initBare(copy, 'sha1');
  const cut = packsOf(links).map((pack) => ({
    ...pack,
    async *open() {
      let first: Uint8Array | undefined;
      for await (const chunk of pack.open()) first ??= chunk.subarray(0, -10);
      if (first !== undefined) yield first;
    },
  }));
  await expect(indexPacks(copy, cut, { objectFormat: 'sha1' }, host)).rejects.toMatchObject({ code: 'git-corrupt-pack' });
  expect(readdirSync(join(copy, 'objects/pack')).filter((name) => name.endsWith('.pack') || name.endsWith('.idx'))).toEqual([]);
});

test('a new repo has no hooks and takes nothing from this machine', async () => {
  const dir = folder('fresh.git');
  await initBare(dir, 'sha256');
  expect(readdirSync(dir).toSorted()).toEqual(['HEAD', 'config', 'objects', 'refs']);
  expect(await readRefs(dir, host)).toMatchObject({ head: { unborn: true } });
});

test('a machine without git is told to install it', async () => {
  expect(await gitVersion(host)).toMatch(/^\d+\.\d+/);
  const without = { machine: { PATH: '/nonexistent' }, signal };
  await expect(gitVersion(without)).rejects.toMatchObject({ code: 'git-missing', remedy: expect.stringContaining('install git') });
  await expect(fsck(folder('fresh.git'), without)).rejects.toMatchObject({ code: 'git-missing' });
});

test('a folder that is not there is not taken for a missing git', async () => {
  const nowhere = join(root, 'nowhere.git');
  await expect(readRefs(nowhere, host)).rejects.toMatchObject({ code: 'git-failed', message: expect.stringContaining(nowhere) });
  await expect(initBare(nowhere, 'sha1')).rejects.toMatchObject({ code: 'git-failed' });
});

test('a first backup in pieces costs no more bytes, and each piece is small', async () => {
  const source = join(root, 'big.git');
  await bigRepository(source, { megabytes: 20, commits: 100 });
  const to = transportTo('big.git');
  const whole = await listRefs(to, { signal });
  if (whole.unchanged) throw new Error('nothing was expected');
  const steps = growingListings(whole, 5);
  expect(steps).toHaveLength(5);
  const sizes: number[] = [];
  for (const [index, step] of steps.entries()) {
    const plan = planFetch(steps[index - 1], step);
    await using pack = await fetchPack(to, { ...plan, objectFormat: 'sha1', signal });
    sizes.push((await buffer(pack)).length);
  }
  const { links } = await save(to, folder('big'));
  const bytes = links[0]?.bytes ?? 0;
  expect(Math.max(...sizes)).toBeLessThan(bytes / 3);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(bytes * 1.02);
});
