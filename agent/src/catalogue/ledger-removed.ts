import { AppError } from '@gitprotect/shared/errors';
import { atOnce } from '../lib/at-once.ts';
import type { NamedHash } from './ledger-list.ts';
import type { LedgerPlace } from './ledger.ts';
import { readList } from './ledger-read.ts';
import { standingAmong } from './ledger-standing.ts';

/** What a list said when it took an object, or another list, out of the ledger. */
export interface Removed {
  readonly sha256: string;
  /** The list's name. */
  readonly list: string;
}

const atATime = 500;
const requests = 4;

/** What lists took out, of these names, and no later one added again; as far as the database has read them. */
export async function removedAmong({ db, storageId }: LedgerPlace, names: readonly string[]): Promise<Map<string, Removed>> {
  const found = new Map<string, Removed>();
  for (let from = 0; from < names.length; from += atATime) {
    const query = db.selectFrom('ledger_removed').select(['name', 'sha256', 'list']).where('storage_id', '=', storageId);
    for (const { name, sha256, list } of await query.where('name', 'in', names.slice(from, from + atATime)).execute())
      found.set(name, { sha256, list });
  }
  return found;
}

/**
 * Reads once more what lists of a server took out that an earlier release has read: it did not remember that. Which objects stand stays as it is.
 * @param lists in an order in which each comes after those it names
 */
export async function rememberRemoved(place: LedgerPlace, serverId: string, lists: readonly string[], signal: AbortSignal): Promise<void> {
  const { db, storageId } = place;
  const read = new Map<string, readonly NamedHash[]>();
  await atOnce(lists, requests, async (list) => {
    try {
      read.set(list, (await readList(place, list, signal)).removed);
    } catch (error) {
      // What is wrong with it is for `verify` to say.
      if (!(error instanceof AppError) || (error.code !== 'storage-corrupt' && error.code !== 'not-found')) throw error;
    }
  });
  const words = lists.flatMap((list) => (read.get(list) ?? []).map((one) => [one.name, { storage_id: storageId, ...one, list }] as const));
  const last = new Map(words);
  await db.transaction().execute(async (transaction) => {
    const standing = await standingAmong({ db: transaction, storageId }, serverId, [...last.keys()]);
    for (const [name, row] of last)
      if (!standing.has(name)) {
        const insert = transaction.insertInto('ledger_removed').values(row);
        // What is known already was said by a list that came later.
        await insert.onConflict((conflict) => conflict.doNothing()).execute();
      }
    for (const list of read.keys()) {
      const own = transaction.updateTable('ledger_lists').set({ removals_read: 1 }).where('storage_id', '=', storageId);
      await own.where('name', '=', list).execute();
    }
  });
}
