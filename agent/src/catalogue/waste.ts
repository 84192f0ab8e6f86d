import { sql } from 'kysely';
import * as v from 'valibot';
import type { Database } from '../db/database.ts';
import type { RepoPlace } from '../storage/layout.ts';
import { Drilled } from './drill-record.ts';

/** Bytes of a chain's packs, and how many of them the refs reached, when it was last rebuilt. */
export type Packs = NonNullable<Drilled['packs']>;

/** What the last drill of a repo found of the chain that its last snapshot still stands on; `null` when it did not look, or there was none. */
export async function packsOf(db: Database, { serverId, repoId }: RepoPlace): Promise<Packs | null> {
  const drills = db
    .selectFrom('drills')
    .select(['snapshot_id', 'drilled_json'])
    .where('server_id', '=', serverId)
    .where('repo_id', '=', repoId);
  const drill = await drills.orderBy('at', 'desc').limit(1).executeTakeFirst();
  if (drill === undefined) return null;
  // A full backup since then began a chain of its own.
  const renewed = await db
    .selectFrom('snapshots')
    .select('id')
    .where('server_id', '=', serverId)
    .where('repo_id', '=', repoId)
    .where('id', '>', drill.snapshot_id)
    .where(sql`json_extract(snapshot_json, '$.kind')`, '=', 'full')
    .limit(1)
    .executeTakeFirst();
  return renewed === undefined ? v.parse(Drilled, JSON.parse(drill.drilled_json)).packs : null;
}
