import type { Database } from '../../db/database.ts';
import { readMeta, writeMeta } from '../../keys/meta.ts';

/*
 * So often all of a storage is looked through, also for what crashes left; in between only repos in which something goes.
 */

const every = 7 * 86_400_000;

const row = (storageId: string): string => `pruned_whole ${storageId}`;

/** Whether a prune has to look at everything. `now` in milliseconds since 1970. */
export async function wholeIsDue(db: Database, storageId: string, now: number): Promise<boolean> {
  const last = Number((await readMeta(db, row(storageId))) ?? 0);
  // A clock that was set back makes the last time lie ahead.
  return last > now || now - last >= every;
}

/** Everything was looked at. */
export const noteWhole = (db: Database, storageId: string, now: number): Promise<void> => writeMeta(db, row(storageId), String(now));

/** The next prune looks at everything: what was marked is not known any more. */
export const askForWhole = (db: Database, storageId: string): Promise<void> => writeMeta(db, row(storageId), '0');
