import type { Database } from '../db/database.ts';
import type { RepoPlace } from '../storage/layout.ts';

/*
 * Repos whose newest snapshot was found damaged: the next backup leaves all of it alone and takes everything anew, where Bitbucket still has it.
 */

/** Asks for a full backup of a repo; `reason` comes into its warnings. A reason that is there already stays. */
export async function renew(db: Database, { serverId, repoId }: RepoPlace, reason: string): Promise<void> {
  const row = { server_id: serverId, repo_id: repoId, reason };
  await db
    .insertInto('renewals')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Why a repo's next backup is a full one, or `null`. */
export async function renewalOf(db: Database, { serverId, repoId }: RepoPlace): Promise<string | null> {
  const query = db.selectFrom('renewals').select('reason').where('server_id', '=', serverId).where('repo_id', '=', repoId);
  return (await query.executeTakeFirst())?.reason ?? null;
}

/** It was taken. */
export async function renewed(db: Database, { serverId, repoId }: RepoPlace): Promise<void> {
  await db.deleteFrom('renewals').where('server_id', '=', serverId).where('repo_id', '=', repoId).execute();
}
