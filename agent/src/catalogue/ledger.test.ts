import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { openDatabase } from '../db/database.ts';
import { streamOf } from '../storage/bytes.ts';
import { listName, signatureName, storageFile } from '../storage/layout.ts';
import { namesIn } from '../storage/storage-contract.ts';
import { Ledger } from './ledger.ts';
import { decodeList, encodeList, type NamedHash } from './ledger-list.ts';
import { mainAt, openSample, type Sample, signal, take } from './sample.ts';
import { newSigningKey } from './ssh-signature.ts';

const object = (name: string, digit = 'a'): NamedHash => ({ name: `servers/s1/lfs/${name}`, sha256: digit.repeat(64) });
const inList = ({ storage }: Sample, { name }: NamedHash) => decodeList(readFileSync(join(storage.place, name)), name);
const standing = async (ledger: Ledger) =>
  [...(await ledger.standing('s1', signal)).keys()].filter((name) => name !== storageFile).toSorted();

/** The same storage, to an agent with the same vault and a database of its own. */
async function another({ storage, signingKey }: Sample): Promise<Ledger> {
  return new Ledger({ storage, storageId: 'same', db: openDatabase(':memory:'), signingKey });
}

describe('a server’s ledger', () => {
  test('says what must be there now: what was added and not removed since, read by whoever has the vault', async () => {
    const sample = await openSample();
    const { ledger } = sample;
    await ledger.append('s1', { id: 'run_1', added: [object('aa'), object('bb')] }, signal);
    const second = await ledger.append(
      's1',
      { id: 'prune_1', added: [object('cc')], removed: [object('aa').name, 'servers/s1/lfs/unknown'] },
      signal,
    );
    expect(inList(sample, second).removed).toEqual([object('aa')]);
    const nothingNew = { id: 'prune_2', added: [object('cc')], removed: [object('aa').name] };
    await ledger.appendAny('s1', nothingNew, signal);
    expect(await sample.storage.stat(listName('s1', 'prune_2'))).toBeUndefined();
    await ledger.append('s2', { id: 'run_2', added: [] }, signal);
    for (const one of [ledger, await another(sample)]) expect(await standing(one)).toEqual([object('bb').name, object('cc').name]);
  });

  test('goes on after both lists of two agents that wrote at once', async () => {
    const sample = await openSample();
    const theirs = await another(sample);
    const first = await sample.ledger.append('s1', { id: 'run_1', added: [object('aa')] }, signal);
    await theirs.standing('s1', signal);
    const blind = new Ledger({ ...sample, storage: { ...sample.storage, ...blindStorage(sample), place: '' }, storageId: 'blind' });
    await blind.standing('s1', signal);
    const ours = await sample.ledger.append('s1', { id: 'run_2', added: [object('bb')] }, signal);
    const beside = await blind.append('s1', { id: 'run_3', added: [object('cc')] }, signal);
    for (const list of [ours, beside]) expect(inList(sample, list).previous).toEqual([first]);
    const joined = await theirs.append('s1', { id: 'run_4', added: [] }, signal);
    expect(inList(sample, joined).previous).toEqual([ours, beside]);
    expect(await standing(sample.ledger)).toEqual([object('aa').name, object('bb').name, object('cc').name]);
  });

  test('takes nothing from a list that is unsigned, signed by another, changed, or put in another’s place', async () => {
    const sample = await openSample();
    const { storage } = sample;
    const good = await sample.ledger.append('s1', { id: 'run_1', added: [object('aa')] }, signal);
    const file = (id: string) => join(storage.place, listName('s1', id));
    await storage.put(
      listName('s1', 'forged_1'),
      streamOf(encodeList(listName('s1', 'forged_1'), { previous: [], added: [object('bb')], removed: [] })),
      { signal },
    );
    copyFileSync(file('run_1'), file('moved_1'));
    copyFileSync(signatureName(file('run_1')), signatureName(file('moved_1')));
    const foreign = new Ledger({ ...sample, storageId: 'foreign', db: openDatabase(':memory:'), signingKey: newSigningKey() });
    await foreign.append('s1', { id: 'foreign_1', added: [object('cc')] }, signal);
    const next = await sample.ledger.append('s1', { id: 'run_2', added: [] }, signal);
    expect(inList(sample, next).previous).toEqual([good]);
    writeFileSync(file('run_1'), readFileSync(file('run_1'), 'utf8').replace('aaaa', 'aaab'));
    expect(await standing(await another(sample))).toEqual([]);
    expect(await standing(sample.ledger)).toEqual([object('aa').name]);
  });

  test('that lost its writer between signature, list and database is whole at the next list', async () => {
    const sample = await openSample();
    const { storage, ledger } = sample;
    await ledger.append('s1', { id: 'run_1', added: [object('aa')] }, signal);
    const second = await (await another(sample)).append('s1', { id: 'run_2', added: [object('bb')] }, signal);
    // The signature alone, of a list that was never written.
    await storage.put(signatureName(listName('s1', 'run_3')), streamOf('cut'), { signal });
    const next = await ledger.append('s1', { id: 'run_4', added: [] }, signal);
    expect(inList(sample, next).previous).toEqual([second]);
    expect(await standing(ledger)).toEqual([object('aa').name, object('bb').name]);
  });

  test('tells what was taken out, and by which list, from what it has read before; what was added again is in', async () => {
    const sample = await openSample();
    const { ledger, db } = sample;
    await ledger.append('s1', { id: 'run_1', added: [object('aa'), object('bb'), object('cc')] }, signal);
    const { name: list } = await ledger.append('s1', { id: 'prune_1', added: [], removed: [object('aa').name, object('bb').name] }, signal);
    await ledger.append('s1', { id: 'run_2', added: [object('bb', 'b')] }, signal);
    const names = ['aa', 'bb', 'cc', 'dd'].map((one) => object(one).name);
    const expected = new Map([[object('aa').name, { sha256: object('aa').sha256, list }]]);
    const reads = vi.spyOn(sample.storage, 'get');
    expect(await ledger.removed(names)).toEqual(expected);
    expect(reads).not.toHaveBeenCalled();
    // Whoever has read no list yet, and the database of a release that did not remember it.
    const theirs = await another(sample);
    await theirs.standing('s1', signal);
    expect(await theirs.removed(names)).toEqual(expected);
    await db.deleteFrom('ledger_removed').execute();
    await db.updateTable('ledger_lists').set({ removals_read: 0 }).where('name', '=', list).execute();
    reads.mockClear();
    for (let time = 0; time < 2; time += 1) await ledger.standing('s1', signal);
    expect(reads).toHaveBeenCalledTimes(2);
    expect(await ledger.removed(names)).toEqual(expected);
    expect(await standing(ledger)).toEqual([object('bb').name, object('cc').name]);
    // Of several the last word counts, whatever their names.
    await ledger.append('s1', { id: 'run_3', added: [object('aa', 'e')] }, signal);
    const last = await ledger.append('s1', { id: 'prune_0', added: [], removed: [object('aa').name] }, signal);
    await db.deleteFrom('ledger_removed').execute();
    await db.updateTable('ledger_lists').set({ removals_read: 0 }).where('name', 'like', '%/runs/prune_%').execute();
    await ledger.standing('s1', signal);
    expect(await ledger.removed(names)).toEqual(new Map([[object('aa').name, { sha256: object('aa', 'e').sha256, list: last.name }]]));
  });

  test.each([
    { which: 'that is there', lost: false },
    { which: 'that was given up', lost: true },
  ])('is read by two at once, and the slower one brings nothing back by a list $which, after a later one took it out', async ({ lost }) => {
    const sample = await openSample();
    const { storage, ledger } = sample;
    const theirs = await another(sample);
    const { name } = await theirs.append('s1', { id: 'run_1', added: [object('aa'), object('bb')] }, signal);
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const get: typeof storage.get = async (one, options) => {
      const content = await storage.get(one, options);
      if (one === signatureName(name)) {
        reached.resolve();
        await goOn.promise;
      }
      return content;
    };
    const slower = new Ledger({ ...sample, storage: { ...storage, ...blindStorage(sample), get, place: '' } });
    const read = slower.standing('s1', signal);
    await reached.promise;
    await theirs.append('s1', { id: 'prune_1', added: [], removed: [object('aa').name] }, signal);
    expect(await standing(ledger)).toEqual([object('bb').name]);
    if (lost) rmSync(join(storage.place, name));
    await ledger.heal('s1', 'verify_1', await ledger.check('s1', signal), signal);
    goOn.resolve();
    await read;
    expect(await standing(ledger)).toEqual([object('bb').name]);
    expect([...(await ledger.removed([object('aa').name])).keys()]).toEqual([object('aa').name]);
    expect(await ledger.check('s1', signal)).toEqual([]);
  });

  test('takes in snapshots of a run that was killed before its list, once, and none that were not committed or are not ours', async () => {
    const sample = await openSample();
    const { storage, ledger } = sample;
    const { entry } = await take(sample, mainAt('a'), { runId: 'killed' });
    await take(sample, mainAt('b'), { runId: 'killed_too' });
    const [lost = ''] = (await namesIn(storage)).filter((name) => name.includes('/snapshots/00000002'));
    rmSync(join(storage.place, lost));
    const first = inList(sample, await ledger.append('s1', { id: 'run_1', added: [] }, signal));
    expect(first.added.map(({ name }) => name).filter((name) => name.includes('/snapshots/'))).toEqual([
      `servers/s1/repos/42/snapshots/${entry.snapshot.id}.json.zst.age`,
    ]);
    expect(first.added).toHaveLength(3);
    expect(inList(sample, await ledger.append('s1', { id: 'run_2', added: [] }, signal)).added).toEqual([]);
  });
});

/** A storage in which new lists are not seen. */
function blindStorage({ storage }: Sample) {
  const seen = namesIn(storage);
  return {
    put: storage.put.bind(storage),
    get: storage.get.bind(storage),
    stat: storage.stat.bind(storage),
    async *list() {
      for (const name of await seen) yield { name, bytes: 0 };
    },
  };
}

test('a list reads as it was written, and sha256sum passes over what it must not look for', () => {
  const name = listName('s1', 'run_1');
  const hashes = fc.array(
    fc.record({
      name: fc.stringMatching(/^servers\/s1\/lfs\/[a-z0-9]{1,9}$/).filter((one) => !/\/(?:con|prn|aux|nul|com\d|lpt\d)$/.test(one)),
      sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(hashes, hashes, (added, removed) => {
      const list = { previous: [{ name: listName('s1', 'run_0'), sha256: 'b'.repeat(64) }], added, removed };
      const bytes = encodeList(name, list);
      expect(decodeList(bytes, name)).toEqual(list);
      expect(() => decodeList(bytes, listName('s1', 'run_2'))).toThrow('the list of another run');
      expect(() => decodeList(bytes.subarray(0, -1), name)).toThrow('cut off');
    }),
  );
});

test('a list of pruning that is lost is said again whole: whoever reads the lists anew misses nothing that was removed', async () => {
  const { storage, keys, signingKey, ledger } = await openSample();
  const objects = ['a', 'b', 'c'].map((digit) => ({
    name: `servers/s1/lfs/${digit}${digit}/${digit.repeat(64)}.age`,
    sha256: digit.repeat(64),
  }));
  const [gone, again, stays] = objects;
  if (gone === undefined || again === undefined || stays === undefined) throw new Error('there are three');
  await ledger.append('s1', { id: 'run_1', added: objects }, signal);
  const { name: lost } = await ledger.append('s1', { id: 'prune_1', added: [], removed: [gone.name, again.name] }, signal);
  const other = 'd'.repeat(64);
  await ledger.append('s1', { id: 'run_2', added: [{ ...again, sha256: other }] }, signal);
  await storage.remove(lost);
  await ledger.heal('s1', 'verify_1', await ledger.check('s1', signal), signal);
  expect(await ledger.check('s1', signal)).toEqual([]);

  const anew = await openSample({ storage, keys, signingKey });
  const standing = await anew.ledger.standing('s1', signal);
  expect(objects.map(({ name }) => standing.get(name))).toEqual([undefined, other, stays.sha256]);
  // It is pruning's word still: copies go by it.
  for (const one of [ledger, anew.ledger]) expect((await one.removed([gone.name])).get(gone.name)?.list).toMatch(/\/prune_/);
});
