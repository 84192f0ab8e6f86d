import type { Database } from '../../db/database.ts';
import type { RepoPlace } from '../../storage/layout.ts';

/*
 * Which repos were compacted, so that a long chain is looked at once for each snapshot, and which the next prune has to read, as what was merged away
 * is marked then. Losing it costs a look.
 */

/** As the sets and maps here name a repo. */
export const repoKey = ({ serverId, repoId }: RepoPlace): string => `${serverId}/${repoId}`;

/** Repo -> the snapshot its chains were compacted for. */
export async function compactedFor(db: Database): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom('compacted').selectAll().execute();
  return new Map(rows.map((row) => [repoKey({ serverId: row.server_id, repoId: row.repo_id }), row.snapshot_id]));
}

/** Repos that the next prune has to read: objects may have been merged away there since the last, or something is to be in the signed lists again. */
export async function reposToPrune(db: Database): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('compacted').select(['server_id', 'repo_id']).where('to_prune', '=', 1).execute();
  return new Set(rows.map((row) => repoKey({ serverId: row.server_id, repoId: row.repo_id })));
}

/** The next prune reads the repo. Said before the record of a merge is written, as a process that ends in between says nothing more. */
export async function noteToPrune(db: Database, { serverId, repoId }: RepoPlace): Promise<void> {
  await db
    .insertInto('compacted')
    .values({ server_id: serverId, repo_id: repoId, snapshot_id: '', to_prune: 1 })
    .onConflict((conflict) => conflict.columns(['server_id', 'repo_id']).doUpdateSet({ to_prune: 1 }))
    .execute();
}

/** All was done for this snapshot. */
export async function noteCompacted(db: Database, { serverId, repoId }: RepoPlace, snapshotId: string): Promise<void> {
  await db
    .insertInto('compacted')
    .values({ server_id: serverId, repo_id: repoId, snapshot_id: snapshotId, to_prune: 0 })
    .onConflict((conflict) => conflict.columns(['server_id', 'repo_id']).doUpdateSet({ snapshot_id: snapshotId }))
    .execute();
}

/** A prune has read the repo. */
export async function notePruned(db: Database, { serverId, repoId }: RepoPlace): Promise<void> {
  await db.updateTable('compacted').set({ to_prune: 0 }).where('server_id', '=', serverId).where('repo_id', '=', repoId).execute();
}
