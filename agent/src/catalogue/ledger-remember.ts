import type { Transaction } from 'kysely';
import type { Tables } from '../db/schema.ts';
import type { LedgerPlace } from './ledger.ts';
import type { ReadList } from './ledger-read.ts';

/** Takes lists of a server into the database, each at once: they come in an order in which each follows those it names. */
export async function rememberLists({ db, storageId }: LedgerPlace, serverId: string, lists: readonly ReadList[]): Promise<void> {
  const of = { storage_id: storageId, server_id: serverId };
  for (const list of lists)
    await db.transaction().execute(async (transaction) => {
      if (await isOver(transaction, storageId, list)) return;
      const { name, sha256, previous, added, removed } = list;
      const row = { ...of, name, sha256, previous_json: JSON.stringify(previous.map((one) => one.name)), removals_read: 1 };
      await transaction.replaceInto('ledger_lists').values(row).execute();
      for (const one of removed) {
        await transaction.deleteFrom('ledger_lists').where('storage_id', '=', storageId).where('name', '=', one.name).execute();
        const objects = transaction.deleteFrom('ledger_objects').where('storage_id', '=', storageId).where('server_id', '=', serverId);
        await objects.where('name', '=', one.name).execute();
        await transaction
          .replaceInto('ledger_removed')
          .values({ storage_id: storageId, ...one, list: name })
          .execute();
      }
      for (const one of added) {
        await transaction.deleteFrom('ledger_removed').where('storage_id', '=', storageId).where('name', '=', one.name).execute();
        await transaction
          .replaceInto('ledger_objects')
          .values({ ...of, ...one, list: name, checked_at: null, bytes: null, problem: null })
          .execute();
      }
    });
}

/**
 * Whether a list was taken in since it was read, by somebody who read faster, or was given up. What it added may have been taken out by a later one, which
 * is not taken in a second time.
 */
async function isOver(transaction: Transaction<Tables>, storageId: string, { name, sha256 }: ReadList): Promise<boolean> {
  for (const table of ['ledger_lists', 'ledger_removed'] as const) {
    const query = transaction.selectFrom(table).select('name').where('storage_id', '=', storageId);
    if ((await query.where('name', '=', name).where('sha256', '=', sha256).executeTakeFirst()) !== undefined) return true;
  }
  return false;
}
