import { AppError } from '@gitprotect/shared/errors';
import { atOnce } from '../lib/at-once.ts';
import type { LedgerPlace } from './ledger.ts';
import { readList } from './ledger-read.ts';

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

/** Reads once more what lists took out that an earlier release has read: it did not remember that. Which objects stand stays as it is. */
export async function rememberRemoved(place: LedgerPlace, lists: readonly string[], signal: AbortSignal): Promise<void> {
  const { db, storageId } = place;
  await atOnce(lists, requests, async (list) => {
    try {
      const { removed } = await readList(place, list, signal);
      await db.transaction().execute(async (transaction) => {
        for (const one of removed)
          await transaction
            .replaceInto('ledger_removed')
            .values({ storage_id: storageId, ...one, list })
            .execute();
        const standing = transaction.selectFrom('ledger_objects').select('name').where('storage_id', '=', storageId);
        const again = transaction.deleteFrom('ledger_removed').where('storage_id', '=', storageId).where('list', '=', list);
        await again.where('name', 'in', standing).execute();
        const own = transaction.updateTable('ledger_lists').set({ removals_read: 1 }).where('storage_id', '=', storageId);
        await own.where('name', '=', list).execute();
      });
    } catch (error) {
      // What is wrong with it is for `verify` to say.
      if (!(error instanceof AppError) || (error.code !== 'storage-corrupt' && error.code !== 'not-found')) throw error;
    }
  });
}
