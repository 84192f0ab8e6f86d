import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agentProcess } from '../agent-process.ts';
import { tempFolder } from '../e2e/browser/temp-folder.ts';
import { bigRepository } from '../repositories/big.ts';
import { allRefs } from '../repositories/real-git.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { World } from '../world.ts';

/** Bytes of the object that is being written. */
function unfinishedBytes(storage: string): number {
  const folder = join(storage, '.writing');
  try {
    return Math.max(0, ...readdirSync(folder).map((name) => statSync(join(folder, name)).size));
  } catch {
    // It got its name in between.
    return 0;
  }
}

const megabyte = 1024 * 1024;
const size = 80;
const pieces = 8;

test('a large first backup that breaks off goes on in pieces, and neither a cut nor a killed agent costs more than one', async () => {
  await using folder = await tempFolder('pieces');
  const source = join(folder.path, 'large.git');
  await bigRepository(source, { megabytes: size, commits: 80 });
  await using world = await World.start();
  const repo = world.addRepo('large', source);
  const plan = await world.plan([world.addReader('ada')]);
  const keys = await world.keys();
  const { faults, requests } = world.bitbucket;
  const fetches = () => requests.filter(({ git }) => git === 'fetch');
  const received = (): number => fetches().reduce((sum, { bytes }) => sum + bytes, 0);
  faults.add({ kind: 'cut', at: 70 * megabyte }, { git: 'fetch', times: 1 });
  faults.add({ kind: 'cut', at: 5 * megabyte }, { git: 'fetch', nth: 5, times: 1 });
  // The whole, eight pieces and one of them twice: in the middle of the last one nothing more comes.
  const last = 1 + pieces + 1;
  faults.add({ kind: 'stall', at: megabyte }, { git: 'fetch', nth: last, times: 1 });

  await world.stop();
  requests.length = 0;
  const running = agentProcess(world.root).start(['run', 'All of it', '--wait']);
  const state = { over: false };
  const ended = running.ended.finally(() => (state.over = true));
  while (!state.over && !(fetches().length === last && unfinishedBytes(world.storageFolder) > megabyte / 2))
    await new Promise((resolve) => setTimeout(resolve, 5));
  running.child.kill('SIGKILL');
  expect((await ended).exitCode).toBeNull();
  // Once to the cut, once in pieces, and the beginnings of two pieces.
  expect(received()).toBeLessThan((70 + size + 10) * megabyte);

  await world.restart();
  expect(await world.call('snapshot.list', {})).toEqual([]);
  expect(await storageInvariants(world.storageFolder, keys)).toMatchObject({ violations: [], manifests: [] });
  const run = await world.run(plan);

  expect(run.jobs.map((job) => job.outcome)).toMatchObject([{ state: 'saved', kind: 'full', objects: expect.any(Number) }]);
  expect(fetches()).toHaveLength(1);
  expect(received()).toBeLessThan((2 * size * megabyte) / pieces);
  const [snapshot] = await world.call('snapshot.list', {});
  expect(snapshot?.chainLength).toBe(pieces);
  const report = await world.restore('large');
  expect(report).toMatchObject({ verified: true, differences: [] });
  expect(allRefs(report.folder)).toEqual(allRefs(repo.folder));
  expect(await storageInvariants(world.storageFolder, keys)).toMatchObject({ violations: [], orphans: [] });
  expect((await world.run(plan)).counts).toMatchObject({ unchanged: 1 });
}, 120_000);
