import { AppError } from '@gitprotect/shared/errors';
import { expect, test } from 'vitest';
import { Ledger } from '../../catalogue/ledger.ts';
import type { NamedHash } from '../../catalogue/ledger-list.ts';
import { newStorage, openSample, repo, signal } from '../../catalogue/sample.ts';
import { altered } from '../../storage/altered.ts';
import { streamOf } from '../../storage/bytes.ts';
import { listName, manifestName, type RepoPlace, snapshotId } from '../../storage/layout.ts';
import { namesIn } from '../../storage/storage-contract.ts';
import type { Storage } from '../../storage/storage.ts';
import { copyServer } from './copy-server.ts';
import { pruneCopy } from './prune-copy.ts';

const day = 86_400_000;
const manifestOf = (sequence: number, of: RepoPlace = repo): string => manifestName(of, snapshotId(sequence));

/** A storage, a copy of it, and a week of grace in it, counted from `time.now`. */
async function openCopy() {
  const sample = await openSample();
  const { storage: from, ledger } = sample;
  const to = await newStorage();
  const time = { now: 100 * day };
  let since: ReadonlyMap<string, number> = new Map();
  const waiting = { since: async () => since, save: async (now: typeof since) => void (since = now) };
  const put = async (storage: Storage, name: string): Promise<NamedHash> => {
    const { sha256 } = await storage.put(name, streamOf(`${storage.place} ${name}`), { signal });
    return { name, sha256 };
  };
  const clock = { now: () => time.now, sleep: async () => undefined };
  return {
    ...sample,
    from,
    to,
    ledger,
    time,
    put,
    /** Writes these manifests into the first storage, and a list of them. */
    add: async (id: string, names: readonly string[]) => {
      const added: NamedHash[] = [];
      for (const name of names) added.push(await put(from, name));
      await ledger.append(repo.serverId, { id, added }, signal);
    },
    /** What pruning begins with: the list. */
    sayRemoved: (id: string, removed: readonly string[]) => ledger.append(repo.serverId, { id, added: [], removed }, signal),
    copy: () =>
      copyServer(
        repo.serverId,
        { from, to, ledger, leavesOut: () => false, leansOn: () => [], goesOn: () => true, signal },
        async () => undefined,
      ),
    prune: (storage: Storage = to) => pruneCopy(repo.serverId, { from, to: storage, ledger, waiting, clock, graceDays: 7, signal }),
    manifests: async () => (await namesIn(to)).filter((name) => name.includes('/snapshots/')),
  };
}

test('what the first storage would not let go stays in the copy, and waits there from when it is gone', async () => {
  const { from, time, add, sayRemoved, copy, prune, manifests } = await openCopy();
  await add('run_1', [manifestOf(1), manifestOf(2)]);
  await copy();
  await sayRemoved('prune_1', [manifestOf(1)]);
  for (let week = 0; week < 3; week += 1) {
    await prune();
    time.now += 7 * day;
  }
  expect(await manifests()).toEqual([manifestOf(1), manifestOf(2)]);
  await from.remove(manifestOf(1));
  await prune();
  time.now += 7 * day - 1;
  await prune();
  expect(await manifests()).toHaveLength(2);
  time.now += 1;
  await prune();
  expect(await manifests()).toEqual([manifestOf(2)]);
});

test('a copy that has lists the first storage lacks keeps all it has, and says so; one that was given up does not count', async () => {
  const { from, to, ledger, time, put, add, sayRemoved, copy, prune, manifests } = await openCopy();
  await add('run_1', [manifestOf(1), manifestOf(2)]);
  await copy();
  await add('run_2', [manifestOf(3)]);
  // Backups went there for a while.
  await put(to, manifestOf(3));
  const own = listName(repo.serverId, 'run_of_its_own');
  await put(to, own);
  await copy();
  await sayRemoved('prune_1', [manifestOf(1), manifestOf(3)]);
  for (const name of [manifestOf(1), manifestOf(3)]) await from.remove(name);
  expect(await prune()).toEqual({ removed: 0, kept: expect.stringContaining(own) });
  time.now += 7 * day;
  expect(await prune()).toEqual({ removed: 0, kept: expect.stringContaining(own) });
  expect(await manifests()).toHaveLength(3);

  await to.remove(own);
  expect(await prune()).toEqual({ removed: 0, kept: expect.stringContaining(manifestOf(3)) });
  expect(await manifests()).toHaveLength(3);

  await to.remove(manifestOf(3));
  const { name: damaged } = await ledger.append(repo.serverId, { id: 'run_3', added: [] }, signal);
  await copy();
  await from.remove(damaged);
  const gone = { object: damaged, message: '', remedy: '', known: damaged };
  await ledger.heal(repo.serverId, 'verify_1', [gone], signal);
  expect(await prune()).toEqual({ removed: 1, kept: null });
  expect(await manifests()).toEqual([manifestOf(2)]);
});

test('lists of the copy’s own count also after the first storage has given them up as lost', async () => {
  const { from, to, db, signingKey, ledger, time, put, add, sayRemoved, copy, prune, manifests } = await openCopy();
  await add('run_1', [manifestOf(1), manifestOf(2)]);
  await copy();
  const { storage_id: storageId } = await db.selectFrom('ledger_lists').select('storage_id').executeTakeFirstOrThrow();
  const there = new Ledger({ storage: to, storageId, db, signingKey });
  const { name: own } = await there.append(repo.serverId, { id: 'run_of_its_own', added: [await put(to, manifestOf(3))] }, signal);
  await add('run_2', [manifestOf(3)]);
  await ledger.heal(repo.serverId, 'verify_1', [{ object: own, message: '', remedy: '', known: own }], signal);
  await copy();
  await sayRemoved('prune_1', [manifestOf(1)]);
  await from.remove(manifestOf(1));
  await prune();
  time.now += 7 * day;
  expect(await prune()).toEqual({ removed: 0, kept: expect.stringContaining(own) });
  expect(await manifests()).toHaveLength(3);
});

test('while a fork’s manifest is locked, that of the repo it leans on stays, whatever their numbers', async () => {
  const { from, to, time, add, sayRemoved, copy, prune, manifests } = await openCopy();
  const origin = { ...repo, repoId: 9 };
  const fork = { ...repo, repoId: 10 };
  const [late, together] = [manifestOf(1, { ...repo, repoId: 50 }), manifestOf(1, fork)];
  const names = [late, together, manifestOf(1, origin), manifestOf(2, origin)];
  await add('run_1', names);
  await copy();
  const locked = new Set<string>();
  const refuses = altered(to, {
    remove: async (name) => {
      if (locked.has(name)) throw new AppError('storage-read-only', `${name} is locked`);
      await to.remove(name);
    },
  });
  const goes = async (id: string, gone: readonly string[]) => {
    await sayRemoved(id, gone);
    for (const name of gone) await from.remove(name);
    await prune();
    time.now += day;
  };
  // As pruning does: what leans goes before what it leans on; at once where the copy was away.
  await goes('prune_1', [manifestOf(2, origin)]);
  await goes('prune_2', [together, manifestOf(1, origin)]);
  await goes('prune_3', [late]);
  time.now += 7 * day;
  locked.add(together);
  expect(await prune(refuses)).toMatchObject({ removed: 1 });
  expect((await manifests()).toSorted()).toEqual([together, late, manifestOf(1, origin)].toSorted());
  locked.clear();
  expect(await prune(refuses)).toMatchObject({ removed: 3 });
});
