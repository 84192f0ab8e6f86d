import { CopyState } from '@gitprotect/shared/storage';
import * as v from 'valibot';
import type { Database } from '../db/database.ts';

/** How far each copy is, as it was last seen. */
export interface CopyStore {
  /** `null` where nothing was copied yet. */
  state(storageId: string): Promise<CopyState | null>;
  save(storageId: string, state: CopyState): Promise<void>;
  /** Since when what was pruned from the first storage waits for its removal here. */
  leaving(storageId: string, serverId: string): LeavingStore;
}

/** Name -> milliseconds since 1970. */
export interface LeavingStore {
  since(): Promise<ReadonlyMap<string, number>>;
  /** Takes the place of all that was known. */
  save(since: ReadonlyMap<string, number>): Promise<void>;
}

export function copyStore(db: Database): CopyStore {
  return {
    state: async (storageId) => {
      const row = await db.selectFrom('copies').select('state_json').where('storage_id', '=', storageId).executeTakeFirst();
      return row === undefined ? null : v.parse(CopyState, JSON.parse(row.state_json));
    },
    save: async (storageId, state) => {
      await db
        .replaceInto('copies')
        .values({ storage_id: storageId, state_json: JSON.stringify(state) })
        .execute();
    },
    leaving: (storageId, serverId) => ({
      since: async () => {
        const query = db.selectFrom('copy_leaving').select(['name', 'since']).where('storage_id', '=', storageId);
        return new Map((await query.where('server_id', '=', serverId).execute()).map(({ name, since }) => [name, since]));
      },
      save: async (since) => {
        const of = { storage_id: storageId, server_id: serverId };
        await db.transaction().execute(async (transaction) => {
          await transaction.deleteFrom('copy_leaving').where('storage_id', '=', storageId).where('server_id', '=', serverId).execute();
          for (const [name, at] of since)
            await transaction
              .insertInto('copy_leaving')
              .values({ ...of, name, since: at })
              .execute();
        });
      },
    }),
  };
}
