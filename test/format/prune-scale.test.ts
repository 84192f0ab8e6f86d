import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compact } from '@gitprotect/agent/backup/compact/compact';
import { markAndSweep } from '@gitprotect/agent/backup/prune/mark-and-sweep';
import { prune } from '@gitprotect/agent/backup/prune/prune';
import { PruneBatch } from '@gitprotect/agent/backup/prune/prune-batch';
import { leavingObjects, nothingSwept } from '@gitprotect/agent/backup/prune/sweep';
import { signal } from '@gitprotect/agent/catalogue/sample';
import type { StoredMark } from '@gitprotect/agent/catalogue/marks';
import { runFolder } from '@gitprotect/agent/storage/layout';
import { faulty } from './faulty.ts';
import { type Agent, agentOn, day, lookAt, makeRepos, opened } from './prune-stage.ts';

/** What a storage is asked, by what is asked. */
async function askedBy(repos: number) {
  const folder = mkdtempSync(join(tmpdir(), 'gitprotect-many-'));
  try {
    await makeRepos(folder, repos);
    const inner = await opened(folder);
    const asked = { lists: 0, ofRuns: 0, gets: 0, listsWritten: 0 };
    const onStep = (step: string, name: string): void => {
      if (step.startsWith('put list ')) asked.listsWritten += 1;
      if (step.startsWith('get ')) asked.gets += 1;
      if (!step.startsWith('list ')) return;
      asked.lists += 1;
      if (name === runFolder('s1')) asked.ofRuns += 1;
    };
    const agent = await agentOn(faulty(inner, { steps: 0, dieAt: Infinity, onStep }));
    const everything = { gone: true, whole: true };
    Object.assign(asked, { lists: 0, ofRuns: 0, gets: 0, listsWritten: 0 });
    expect(await prune(agent.parts, everything, signal)).toMatchObject({ marked: { snapshots: 2 * repos } });
    agent.clock.move(7 * day);
    expect(await prune(agent.parts, everything, signal)).toMatchObject({ removed: { snapshots: 2 * repos, objects: 2 * repos } });
    await compact(agent.parts, { again: true }, signal);
    const sum = { ...asked };
    expect(await lookAt(folder)).toMatchObject({ violations: [], missing: [], orphans: 0, marks: 0 });
    return sum;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('pruning asks the storage as much for each repo however many there are, and for its signed lists once', async () => {
  const [few, some, more] = [await askedBy(1), await askedBy(3), await askedBy(5)];
  expect(some.lists - few.lists).toBe(more.lists - some.lists);
  expect(some.gets - few.gets).toBe(more.gets - some.gets);
  expect([some.ofRuns, more.ofRuns]).toEqual([few.ofRuns, few.ofRuns]);
  expect([some.listsWritten, more.listsWritten]).toEqual([few.listsWritten, few.listsWritten]);
});

describe('what waits to be done together', () => {
  let folder: string;
  let agent: Agent;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gitprotect-waiting-'));
    await makeRepos(folder, 1);
    agent = await agentOn(await opened(folder));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds on to nothing that was read of a repo while no mark is due', async () => {
    const wanted = { serverId: 's1', subject: 'r1', snapshots: [], objects: ['x'], staying: [] } as const;
    const begin = async () => {
      const read = new Map([['x', 1]]);
      const leaving = (mark: Pick<StoredMark, 'objects'>) => leavingObjects(mark, read, agent.parts.place, signal);
      return { work: await markAndSweep({ ...wanted, leaving }, [], agent.parts, signal), held: new WeakRef(read) };
    };
    const { work, held } = await begin();
    // A reference holds for the turn it is made in.
    await setImmediate();
    collectGarbage();
    expect(held.deref()).toBeUndefined();
    expect((await work.act()).marked.objects).toBe(1);
  });

  test('is done early once it is of many snapshots', async () => {
    const batch = new PruneBatch(agent.parts.place, signal);
    let done = 0;
    const nothing = {
      swept: nothingSwept,
      marked: { snapshots: 0, objects: 0 },
      written: null,
      waiting: new Map<string, string>(),
      later: false,
    };
    const work = {
      names: [],
      again: [],
      snapshots: 2500,
      act: async () => nothing,
      done: async () => {
        done += 1;
      },
    };
    await batch.add('s1', work);
    expect(done).toBe(0);
    await batch.add('s1', work);
    expect(done).toBe(2);
  });
});

/** Frees what nobody holds on to. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}
