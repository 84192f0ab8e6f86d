import type { Database } from '../db/database.ts';

/** A value of the agent's that is no secret, by name; `null` where there is none. */
export async function readMeta(db: Database, name: string): Promise<string | null> {
  const row = await db.selectFrom('meta').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value ?? null;
}

/** Sets or replaces it. */
export async function writeMeta(db: Database, name: string, value: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
