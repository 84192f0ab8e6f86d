import { UpkeepResult } from '@gitprotect/shared/upkeep';
import * as v from 'valibot';
import type { Database } from '../db/database.ts';

/** How each step of upkeep went the last time, in the database. */
export interface UpkeepStore {
  save(storageId: string, result: UpkeepResult): Promise<void>;
  /** Of the storage that was looked after last. */
  list(): Promise<UpkeepResult[]>;
}

export function upkeepStore(db: Database): UpkeepStore {
  return {
    save: async (storageId, { step, state, startedAt, endedAt, message, remedy }) => {
      const row = { storage_id: storageId, step, state, started_at: startedAt, ended_at: endedAt, message, remedy };
      await db.replaceInto('upkeep').values(row).execute();
    },
    list: async () => {
      const rows = await db.selectFrom('upkeep').selectAll().orderBy('started_at').execute();
      return rows
        .filter(({ storage_id }) => storage_id === rows.at(-1)?.storage_id)
        .map((row) => v.parse(UpkeepResult, { ...row, startedAt: row.started_at, endedAt: row.ended_at }));
    },
  };
}
