import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../e2e/browser/temp-folder.ts';
import { bigRepository } from '../repositories/big.ts';
import { allRefs } from '../repositories/real-git.ts';
import { World } from '../world.ts';

const megabyte = 1024 * 1024;

describe('a large first backup that breaks off', () => {
  test('goes on in pieces, and a second cut costs one piece', async () => {
    await using folder = await tempFolder('pieces');
    const source = join(folder.path, 'large.git');
    await bigRepository(source, { megabytes: 100, commits: 100 });
    await using world = await World.start();
    const repo = world.addRepo('large', source);
    const plan = await world.plan([world.addReader('ada')]);
    const { faults, requests } = world.bitbucket;
    faults.add({ kind: 'cut', at: 90 * megabyte }, { git: 'fetch', times: 1 });
    faults.add({ kind: 'cut', at: 5 * megabyte }, { git: 'fetch', nth: 5, times: 1 });

    const run = await world.run(plan);

    const [outcome] = run.jobs.map((job) => job.outcome);
    expect(outcome).toMatchObject({ state: 'saved', kind: 'full' });
    const received = requests.filter(({ git }) => git === 'fetch').reduce((sum, { bytes }) => sum + bytes, 0);
    // Once to the cut, once in pieces, and a piece's beginning twice.
    expect(received).toBeLessThan((90 + 100 + 5 + 10) * megabyte);
    expect(received).toBeGreaterThan(180 * megabyte);
    const [snapshot] = await world.call('snapshot.list', {});
    expect(snapshot?.chainLength).toBeGreaterThan(3);
    const report = await world.restore('large');
    expect(report).toMatchObject({ verified: true, differences: [] });
    expect(allRefs(report.folder)).toEqual(allRefs(repo.folder));
    expect((await world.run(plan)).counts).toMatchObject({ unchanged: 1 });
  }, 120_000);
});
