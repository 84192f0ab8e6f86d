import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { describe, expect, test } from 'vitest';
import { planPrune } from '@gitprotect/agent/backup/prune/plan-prune';
import { prune, type PruneScope } from '@gitprotect/agent/backup/prune/prune';
import { sayHold } from '@gitprotect/agent/catalogue/holds';
import { keepLargeFiles } from '@gitprotect/agent/catalogue/marks';
import { writeManifest } from '@gitprotect/agent/catalogue/manifest-object';
import { nextManifest } from '@gitprotect/agent/catalogue/next-manifest';
import { mainAt, putLink, repo, signal, take, taken } from '@gitprotect/agent/catalogue/sample';
import { streamOf } from '@gitprotect/agent/storage/bytes';
import { lfsName, manifestName } from '@gitprotect/agent/storage/layout';
import type { Storage } from '@gitprotect/agent/storage/storage';
import { movingClock } from '../moving-clock.ts';
import { Died, faulty, type Faults } from './faulty.ts';
import { agentOn, begin, day, historyCopies, lookAt, opened } from './prune-stage.ts';

const everything: PruneScope = { gone: true, whole: true };
/** Every step is tried with `SOAK=1`; else some: not each third one, as a small object is put in three steps. */
const stride = process.env['SOAK'] === '1' ? 1 : 10;
/** What stays: the rule keeps 5 and 6, and 3 is what their lists of refs are the difference from. */
const after = ['00000003', '00000005', '00000006'];

const copy = historyCopies();

/** What is there, whole, as the signed lists say. */
async function state(folder: string) {
  const { violations, missing, ...there } = await lookAt(folder);
  expect([...violations, ...missing]).toEqual([]);
  return there;
}

describe('pruning', () => {
  test('says what would go and why, then marks, waits, and removes; what stays is whole', async () => {
    const folder = copy();
    const agent = await agentOn(await opened(folder));
    const plan = await planPrune(agent.parts, everything, signal);
    expect(plan).toMatchObject({ graceDays: 7, snapshots: 3, objects: 5 });
    expect(plan.repos[0]?.goes.map(({ snapshotId, because }) => [snapshotId, because])).toEqual([
      ['00000004', ['no rule keeps it']],
      ['00000002', ['no rule keeps it']],
      ['00000001', ['no rule keeps it']],
    ]);
    expect(plan.repos[0]?.stays).toContainEqual({ snapshotId: '00000003', because: ['others are written as the difference from it'] });
    expect((await state(folder)).marks).toBe(0);

    expect(await prune(agent.parts, everything, signal)).toMatchObject({ marked: { snapshots: 3, objects: 2 }, removed: { snapshots: 0 } });
    expect(await prune(agent.parts, everything, signal)).toMatchObject({ marked: { snapshots: 0 }, removed: { snapshots: 0 } });
    agent.clock.move(7 * day - 1);
    expect(await prune(agent.parts, { gone: true, whole: false }, signal)).toMatchObject({ removed: { snapshots: 0 } });
    expect((await planPrune(agent.parts, everything, signal)).repos[0]?.goes[0]?.dueAt).toBe('2026-03-14T02:00:00.000Z');
    expect(await state(folder)).toMatchObject({ orphans: 0, marks: 1 });
    agent.clock.move(1);
    const report = await prune(agent.parts, { gone: true, whole: false }, signal);
    expect(report).toMatchObject({ removed: { snapshots: 3, objects: 2 }, refused: 0, undecided: [] });
    expect(report.removed.bytes).toBeGreaterThan(0);
    expect(await state(folder)).toEqual({ snapshots: after, orphans: 0, marks: 0 });
    expect((await agent.catalogue.list()).map(({ id }) => id).toSorted()).toEqual(after);
  });

  test('dies at any step without harm, and the next one ends as if nothing had been', async () => {
    /** Marks and, a week later, removes, in one process that dies at a step. */
    const run = async (folder: string, dieAt: number): Promise<number> => {
      const faults: Faults = { steps: 0, dieAt: Infinity };
      const agent = await agentOn(faulty(await opened(folder), faults));
      Object.assign(faults, { steps: 0, dieAt });
      await prune(agent.parts, everything, signal);
      agent.clock.move(7 * day);
      await prune(agent.parts, everything, signal);
      return faults.steps;
    };
    const steps = await run(copy(), Infinity);
    expect(steps).toBeGreaterThan(40);
    const seen = new Set<number>();
    for (let dieAt = steps; dieAt > 0; dieAt -= stride) {
      const folder = copy();
      await expect(run(folder, dieAt)).rejects.toThrow(Died);
      seen.add((await state(folder)).snapshots.length);
      const next = await agentOn(await opened(folder), movingClock(begin + 14 * day));
      await prune(next.parts, everything, signal);
      next.clock.move(7 * day);
      await prune(next.parts, everything, signal);
      expect(await state(folder)).toEqual({ snapshots: after, orphans: 0, marks: 0 });
      rmSync(folder, { recursive: true });
    }
    // Nothing removed, and all of it: both were seen.
    expect([...seen]).toEqual(expect.arrayContaining([6, 3]));
  });

  test('by two agents at once is the same as by one', async () => {
    const folder = copy();
    const clock = movingClock(begin + 6 * day);
    const agents = [await agentOn(await opened(folder), clock), await agentOn(await opened(folder), clock)];
    const all = () => Promise.all(agents.map(({ parts }) => prune(parts, everything, signal)));
    const [one, other] = await all();
    expect((one?.marked.snapshots ?? 0) + (other?.marked.snapshots ?? 0)).toBe(3);
    expect((await state(folder)).marks).toBe(1);
    clock.move(7 * day);
    await all();
    expect(await state(folder)).toEqual({ snapshots: after, orphans: 0, marks: 0 });
  });

  test('lets backups of another agent be, that began before it and end while it removes', async () => {
    const folder = copy();
    const other = await agentOn(await opened(folder));
    const inner = await opened(folder);
    let backups = 0;
    const storage: Storage = {
      ...faulty(inner, { steps: 0, dieAt: Infinity }),
      remove: async (name) => {
        backups += 1;
        if (backups === 1) await other.catalogue.add(begun(), { signal });
        else
          await take(other, mainAt(String(backups)), { kind: 'incremental', takenAt: new Date(begin + 13 * day + backups).toISOString() });
        await inner.remove(name);
      },
    };
    const agent = await agentOn(storage);
    await prune(agent.parts, everything, signal);
    agent.clock.move(7 * day);
    const next = await other.catalogue.prepare(repo, { signal });
    const link = await putLink(other, next.id, 'incremental');
    const chain = [...(next.before?.manifest.chain ?? []), link];
    const begun = () =>
      nextManifest(taken(mainAt('7'), { kind: 'incremental', chain, takenAt: new Date(begin + 13 * day).toISOString() }), next);
    expect(await prune(agent.parts, everything, signal)).toMatchObject({ removed: { snapshots: 3 } });
    expect(backups).toBeGreaterThan(3);
    const { snapshots, orphans } = await state(folder);
    expect(orphans).toBe(0);
    expect(snapshots.slice(0, 3)).toEqual(after);
    expect(snapshots).toHaveLength(3 + backups);
  });
});

describe('what is marked', () => {
  test('stays when somebody holds it meanwhile, and with it all it needs', async () => {
    const folder = copy();
    const agent = await agentOn(await opened(folder));
    await prune(agent.parts, everything, signal);
    const other = await agentOn(await opened(folder));
    const word = { snapshotId: '00000002', held: true, reason: 'audit', at: new Date(begin).toISOString() };
    await sayHold({ ...other.parts.place, db: other.db }, repo, word, { listed: new Map(), signal });
    agent.clock.move(7 * day);
    expect(await prune(agent.parts, everything, signal)).toMatchObject({ removed: { snapshots: 1, objects: 0 } });
    expect((await state(folder)).snapshots).toEqual(['00000001', '00000002', ...after]);
  });

  test('is not what somebody else’s snapshots push out: they are in no signed list', async () => {
    const folder = copy();
    const agent = await agentOn(await opened(folder));
    for (const digit of ['7', '8']) {
      const next = await agent.catalogue.prepare(repo, { signal });
      const forged = taken(mainAt(digit), {
        kind: 'refs-only',
        chain: next.before?.manifest.chain ?? [],
        takenAt: new Date(begin + 6 * day).toISOString(),
      });
      await writeManifest(agent.parts.place, nextManifest(forged, next), async () => undefined, signal);
    }
    const [of] = (await planPrune(agent.parts, everything, signal)).repos;
    expect(of?.goes.map(({ snapshotId }) => snapshotId)).toEqual(['00000004', '00000002', '00000001']);
    expect(of?.stays).toContainEqual({ snapshotId: '00000008', because: ['last 1, though in no signed list', 'the newest'] });
  });

  test('and locked by the storage is tried again, and the snapshot that is still there is still whole', async () => {
    const folder = copy();
    const inner = await opened(folder);
    let locked = true;
    const storage: Storage = {
      ...faulty(inner, { steps: 0, dieAt: Infinity }),
      remove: async (name) => {
        if (locked && name === manifestName(repo, '00000002')) throw new AppError('storage-read-only', `${name} is locked`);
        await inner.remove(name);
      },
    };
    const agent = await agentOn(storage);
    await prune(agent.parts, everything, signal);
    agent.clock.move(7 * day);
    expect(await prune(agent.parts, everything, signal)).toMatchObject({ removed: { snapshots: 1, objects: 0 }, refused: 2 });
    expect(await state(folder)).toMatchObject({ snapshots: ['00000001', '00000002', ...after], marks: 1 });
    locked = false;
    agent.clock.move(day);
    expect(await prune(agent.parts, { gone: true, whole: false }, signal)).toMatchObject({
      removed: { snapshots: 2, objects: 2 },
      refused: 0,
    });
    expect(await state(folder)).toEqual({ snapshots: after, orphans: 0, marks: 0 });
  });
});

describe('left alone is', () => {
  test('a repo with a record that cannot be read', async () => {
    const folder = copy();
    const agent = await agentOn(await opened(folder));
    await prune(agent.parts, everything, signal);
    writeFileSync(join(folder, manifestName(repo, '00000001')), 'rubbish');
    agent.clock.move(7 * day);
    const report = await prune(agent.parts, everything, signal);
    expect(report).toMatchObject({ removed: { snapshots: 0, objects: 0 }, undecided: [{ projectKey: 'ORCH', slug: 'apples' }] });
    expect((await planPrune(agent.parts, everything, signal)).repos).toMatchObject([{ undecided: expect.any(String), goes: [] }]);
  });

  test('a repo that is gone from the server, unless it is asked for', async () => {
    const agent = await agentOn(await opened(copy()));
    expect((await planPrune(agent.parts, { gone: false }, signal)).snapshots).toBe(0);
    expect(await prune(agent.parts, { gone: false, whole: true }, signal)).toMatchObject({ marked: { snapshots: 0 } });
  });
});

describe('what crashes left', () => {
  const oid = createHash('sha256').update('large').digest('hex');

  test('goes after the time of grace: bundles, large files, what was read of projects', async () => {
    const folder = copy();
    const agent = await agentOn(await opened(folder));
    const { sealed: seals } = agent.parts.place;
    await putLink(agent, '00000007', 'incremental');
    await seals.put(lfsName('s1', oid), streamOf('large'), { signal });
    await seals.put('servers/s1/projects/p1/run_x-abc.ndjson.zst.age', streamOf('x'), { signal });
    await prune(agent.parts, everything, signal);
    expect((await state(folder)).marks).toBe(3);
    agent.clock.move(7 * day);
    expect(await prune(agent.parts, everything, signal)).toMatchObject({ removed: { objects: 5 } });
    expect(await agent.storage.stat('servers/s1/projects/p1/run_x-abc.ndjson.zst.age')).toBeUndefined();
    expect(await state(folder)).toEqual({ snapshots: after, orphans: 0, marks: 0 });
  });

  test('and is wanted again stays: a backup makes the mark void, or does without what is about to go', async () => {
    const folder = copy();
    const agent = await agentOn(await opened(folder));
    const { sealed: seals } = agent.parts.place;
    const name = lfsName('s1', oid);
    const wanted = { serverId: 's1', names: new Set([name]), signal };
    await seals.put(name, streamOf('large'), { signal });
    await prune(agent.parts, everything, signal);
    agent.clock.move(5 * day);
    const kept = await keepLargeFiles(seals, { ...wanted, now: agent.clock.now() });
    expect(kept).toMatchObject({ leaving: new Set(), added: [{ name: expect.stringMatching(/lfs-\d+-void/) }] });
    agent.clock.move(2 * day);
    await prune(agent.parts, everything, signal);
    expect(await agent.storage.stat(name)).toBeDefined();
    agent.clock.move(6 * day);
    expect((await keepLargeFiles(seals, { ...wanted, now: agent.clock.now() })).leaving).toEqual(new Set([name]));
    agent.clock.move(day);
    await prune(agent.parts, everything, signal);
    expect(await agent.storage.stat(name)).toBeUndefined();
  });
});
