import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lfsPointer } from '../bitbucket/lfs-pointer.ts';
import { addCommits } from '../bitbucket/history.ts';
import { addLfsObject } from '../bitbucket/lfs.ts';
import type { Plan } from '@gitprotect/shared/plan';
import { flip } from '../flip.ts';
import { movingClock } from '../moving-clock.ts';
import { objectsIn } from '../objects-in.ts';
import { MetadataWorld } from './metadata-world.ts';

let stage: MetadataWorld;
let plan: Plan;

const content = Buffer.from('a large file\n'.repeat(2000));
const pointer = (oid: string): string => lfsPointer(oid, content.length);

/** Two repos, one of them with a large file and a chain, and the project's own records; run, looked after, run again, looked after. */
beforeAll(async () => {
  stage = await MetadataWorld.start({ clock: movingClock() });
  const { world, repo } = stage;
  const other = world.addRepo('two');
  await addCommits(other, [{ message: 'Begin', files: { 'b.txt': 'b\n' } }]);
  await addCommits(repo, [{ message: 'Large', files: { 'large.bin': pointer(addLfsObject(repo, content)) } }]);
  plan = await stage.plan([stage.addAdmin('ann')]);
  await runLater();
  await world.app.upkeep.run();
  await addCommits(repo, [{ message: 'More', files: { 'more.txt': 'more\n' } }]);
  await runLater();
  await world.app.upkeep.run();
});
afterAll(() => stage[Symbol.asyncDispose]());

async function runLater() {
  stage.world.clock.move(60_000);
  return stage.world.run(plan);
}

const upkeepOf = async (step: string) => (await stage.world.call('agent.status', {})).upkeep.find((one) => one.step === step);

describe('upkeep', () => {
  test('proves each new full backup at once, in a signed record that outlives the database', async () => {
    const { world } = stage;
    const [newest, before] = await world.call('snapshot.list', { slug: 'one' });
    // An increment is not drilled at once: the chain it stands on was.
    expect(newest).not.toHaveProperty('proof');
    expect(before?.proof).toMatchObject({ proven: true, problems: [] });
    expect((await world.call('agent.status', {})).proof).toMatchObject({ repos: 2, proven: 2, failed: [] });
    expect(await upkeepOf('verify')).toMatchObject({ state: 'done' });
    const proven = before?.proof;
    await world.app.db.deleteFrom('drills').execute();
    await world.call('catalogue.rebuild', {});
    expect((await world.call('snapshot.list', { slug: 'one' }))[1]?.proof).toEqual(proven);
  });

  test('drills every repo again within the days, and reads every object', async () => {
    const { world } = stage;
    world.clock.move(5 * 86_400_000);
    await world.app.upkeep.run();
    expect((await upkeepOf('drill'))?.message).toBe('nothing was due');
    world.clock.move(86_400_000);
    await world.app.upkeep.run();
    expect((await upkeepOf('drill'))?.message).toBe('2 repositories rebuilt and compared: all restorable');
    expect((await world.call('snapshot.list', { slug: 'one' }))[0]?.proof?.proven).toBe(true);
    await world.app.upkeep.run();
    const rows = await world.app.db.selectFrom('ledger_objects').select('checked_at').execute();
    expect(rows.filter(({ checked_at }) => checked_at === null || Date.parse(checked_at) < world.clock.now() - 7 * 86_400_000)).toEqual([]);
  });
});

describe('damage that is found', () => {
  test('makes the next run take anew what Bitbucket still has, and the newest snapshot is whole again', async () => {
    const { world, repo } = stage;
    for (const kinds of [['bundles', 'metadata', 'lfs', 'projects'], ['snapshots']]) {
      const folderOf = (kind: string) => (kind === 'lfs' || kind === 'projects' ? `/${kind}/` : `/repos/${repo.id}/${kind}/`);
      const broken = kinds.map((kind) => objectsIn(world.storageFolder).findLast((one) => one.includes(folderOf(kind))) ?? '');
      const whole = broken.map((name) => readFileSync(join(world.storageFolder, name)));
      for (const name of broken) flip(join(world.storageFolder, name));
      world.clock.move(8 * 86_400_000);
      await world.app.upkeep.run();
      expect(await upkeepOf('verify')).toMatchObject({ state: 'failed', remedy: expect.stringContaining('gitprotect-agent verify') });
      const problems = await world.call('backup.problems', {});
      expect(problems.map(({ object }) => String(object)).toSorted()).toEqual(broken.toSorted());
      const run = await runLater();
      expect(run).toMatchObject({ state: 'succeeded' });
      expect(run.jobs.find(({ slug }) => slug === 'one')?.outcome).toMatchObject({
        state: 'saved',
        kind: 'full',
        warnings: [expect.stringContaining('so this one is full')],
      });
      await world.app.upkeep.run();
      expect((await world.call('agent.status', {})).proof).toMatchObject({ repos: 2, proven: 2, failed: [] });
      expect((await world.call('snapshot.list', { slug: 'one' }))[0]?.proof?.proven).toBe(true);
      // What older snapshots lack stays named until it is back, or they are gone.
      for (const [index, name] of broken.entries())
        if (!name.includes('/lfs/')) writeFileSync(join(world.storageFolder, name), whole[index] ?? '');
    }
    expect((await world.call('backup.verify', {})).problems).toEqual([]);
  });
});
