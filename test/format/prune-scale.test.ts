import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compact } from '@gitprotect/agent/backup/compact/compact';
import { prune } from '@gitprotect/agent/backup/prune/prune';
import { signal } from '@gitprotect/agent/catalogue/sample';
import { kindOf, runFolder } from '@gitprotect/agent/storage/layout';
import type { Storage } from '@gitprotect/agent/storage/storage';
import { agentOn, day, lookAt, makeRepos, opened } from './prune-stage.ts';

/** What a storage is asked, by what is asked. */
async function askedBy(repos: number) {
  const folder = mkdtempSync(join(tmpdir(), 'gitprotect-many-'));
  try {
    await makeRepos(folder, repos);
    const inner = await opened(folder);
    const asked = { lists: 0, ofRuns: 0, gets: 0, listsWritten: 0 };
    const storage: Storage = {
      ...inner,
      place: inner.place,
      put: (name, ...rest) => {
        if (kindOf(name).kind === 'list') asked.listsWritten += 1;
        return inner.put(name, ...rest);
      },
      get: (...args) => {
        asked.gets += 1;
        return inner.get(...args);
      },
      list: (prefix) => {
        asked.lists += 1;
        if (prefix === runFolder('s1')) asked.ofRuns += 1;
        return inner.list(prefix);
      },
      stat: (name) => inner.stat(name),
      remove: (name) => inner.remove(name),
      freeBytes: () => inner.freeBytes(),
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    };
    const agent = await agentOn(storage);
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
