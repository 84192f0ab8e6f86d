import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prune, type PruneScope } from '@gitprotect/agent/backup/prune/prune';
import { sayHold } from '@gitprotect/agent/catalogue/holds';
import { writeMetadata } from '@gitprotect/agent/catalogue/metadata-object';
import { lfsObjects, type MetadataRecord } from '@gitprotect/agent/catalogue/metadata-record';
import { mainAt, repo, signal, take } from '@gitprotect/agent/catalogue/sample';
import { streamOf } from '@gitprotect/agent/storage/bytes';
import { kindOf, lfsName, manifestName, newBundleName, newMetadataName } from '@gitprotect/agent/storage/layout';
import type { Storage } from '@gitprotect/agent/storage/storage';
import type { MovingClock } from '../moving-clock.ts';
import { faulty } from './faulty.ts';
import { agentOn, begin, day, lookAt, makeHistory, opened } from './prune-stage.ts';

const everything: PruneScope = { gone: true, whole: true };

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gitprotect-listed-'));
  await makeHistory(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('in the signed lists again, after one of pruning took it out, is', () => {
  test('a snapshot that the storage would not let go and somebody then holds, with what it needs, where it is as it was', async () => {
    const inner = await opened(folder);
    const storage: Storage = {
      ...faulty(inner, { steps: 0, dieAt: Infinity }),
      remove: async (name) => {
        if (name === manifestName(repo, '00000002')) throw new AppError('storage-read-only', `${name} is locked`);
        await inner.remove(name);
      },
    };
    const agent = await agentOn(storage);
    const listed = async () => [...(await agent.ledger.standing('s1', signal)).keys()].filter((name) => name.includes('/repos/'));
    await prune(agent.parts, everything, signal);
    agent.clock.move(7 * day);
    const before = await listed();
    await prune(agent.parts, everything, signal);
    const goes = before.filter((name) => name.includes('/00000001') || name.includes('/00000002'));
    expect(goes).toHaveLength(4);
    expect(await listed()).not.toEqual(expect.arrayContaining(goes.slice(0, 1)));
    const changed = goes.find((name) => name.includes('/bundles/00000002')) ?? '';
    const good = readFileSync(join(folder, changed));
    writeFileSync(join(folder, changed), 'rubbish');
    const word = { snapshotId: '00000002', held: true, reason: 'audit', at: new Date(begin).toISOString() };
    await sayHold({ ...agent.parts.place, db: agent.db }, repo, word, { listed: new Map(), signal });
    // Somebody could still be removing it while the mark is there.
    await prune(agent.parts, everything, signal);
    expect(await listed()).not.toEqual(expect.arrayContaining(goes.slice(0, 1)));
    await prune(agent.parts, { gone: true, whole: false }, signal);
    const again = await listed();
    expect(goes.filter((name) => again.includes(name))).toEqual(goes.filter((name) => name !== changed));
    writeFileSync(join(folder, changed), good);
    await prune(agent.parts, everything, signal);
    expect(await listed()).toEqual(expect.arrayContaining(goes));
    expect(await lookAt(folder)).toMatchObject({
      snapshots: ['00000001', '00000002', '00000003', '00000005', '00000006'],
      violations: [],
      missing: [],
    });
  });

  test('a large file that is needed again, unless it is another by now', async () => {
    const agent = await agentOn(await opened(folder));
    const { sealed: seals } = agent.parts.place;
    const names = ['a', 'b'].map((digit) => lfsName('s1', digit.repeat(64)));
    const added = await Promise.all(names.map(async (name) => ({ name, ...(await seals.put(name, streamOf('large'), { signal })) })));
    await agent.ledger.append('s1', { id: 'run_1', added }, signal);
    await agent.ledger.append('s1', { id: 'prune_1', added: [], removed: names }, signal);
    const [kept = '', again = ''] = names;
    await agent.storage.remove(again);
    await seals.put(again, streamOf('large'), { signal });
    const records = async function* (): AsyncGenerator<MetadataRecord> {
      for (const name of names) yield { kind: lfsObjects, key: name.slice(-68, -4), value: null };
    };
    const link = await writeMetadata(seals, newMetadataName(repo, '00000007'), records(), { signal });
    if (link === null) throw new Error('nothing was written');
    await take(agent, mainAt('7'), { metadata: { kinds: {}, chain: [link], index: [] } });
    await prune(agent.parts, everything, signal);
    const standing = await agent.ledger.standing('s1', signal);
    expect(names.map((name) => standing.get(name))).toEqual([added.find(({ name }) => name === kept)?.sha256, undefined]);
  });
});

/** An agent that does something once, before it is done what `when` says. */
async function agentThat(when: (asked: 'get' | 'remove', name: string) => boolean, does: (clock: MovingClock) => Promise<void>) {
  const inner = await opened(folder);
  let done = false;
  const before = async (asked: 'get' | 'remove', name: string): Promise<void> => {
    if (done || !when(asked, name)) return;
    done = true;
    await does(agent.clock);
  };
  const agent = await agentOn({
    ...faulty(inner, { steps: 0, dieAt: Infinity }),
    get: async (name, options) => {
      await before('get', name);
      return inner.get(name, options);
    },
    remove: async (name) => {
      await before('remove', name);
      await inner.remove(name);
    },
  });
  return agent;
}

describe('of what one agent removes, while another one', () => {
  test('judges that it stays and still finds it there, nothing is in the lists after', async () => {
    const agent = await agentThat(
      (asked, name) => asked === 'remove' && kindOf(name).kind === 'manifest',
      async (clock) => {
        const other = await agentOn(await opened(folder), clock);
        await prune({ ...other.parts, plans: { list: async () => [] } }, everything, signal);
      },
    );
    await prune(agent.parts, everything, signal);
    agent.clock.move(7 * day);
    expect((await prune(agent.parts, everything, signal)).removed.snapshots).toBe(3);
    expect(await lookAt(folder)).toMatchObject({ missing: [], violations: [], marks: 0 });
  });

  test('lists it, nothing is in the lists after', async () => {
    const stray = newBundleName(repo, '00000007');
    const agent = await agentThat(
      (asked, name) => asked === 'get' && kindOf(name).kind === 'mark',
      async () => {
        const other = await agentOn(await opened(folder));
        await other.ledger.append('s1', { id: 'run_7', added: [{ name: stray, sha256: 'a'.repeat(64) }] }, signal);
      },
    );
    await agent.storage.put(stray, streamOf('left by a crash'), { signal });
    await prune(agent.parts, everything, signal);
    agent.clock.move(7 * day);
    await prune(agent.parts, everything, signal);
    expect(await agent.storage.stat(stray)).toBeUndefined();
    expect(await lookAt(folder)).toMatchObject({ missing: [], violations: [] });
  });
});
