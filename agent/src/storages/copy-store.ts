import { CopyState } from '@gitprotect/shared/storage';
import * as v from 'valibot';
import type { Database } from '../db/database.ts';

/** How far each copy is, as it was last seen. */
export interface CopyStore {
  /** `null` where nothing was copied yet. */
  state(storageId: string): Promise<CopyState | null>;
  save(storageId: string, state: CopyState): Promise<void>;
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
  };
}
