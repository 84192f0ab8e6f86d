import type { AppError } from '@gitprotect/shared/errors';
import type { Database } from '../db/database.ts';
import type { SnapshotRow } from '../db/schema.ts';
import { manifestName, repoFolder } from '../storage/layout.ts';
import type { ManifestPlace } from './manifest-object.ts';
import { rowOf } from './snapshot-row.ts';
import { survey } from './survey.ts';

/** What was found in storage. `damaged` has one line for each manifest that cannot be used, with the reason. */
export interface Rebuilt {
  readonly snapshots: number;
  readonly repos: number;
  readonly damaged: readonly string[];
}

/** Fills the table of snapshots from the manifests in storage. Rows of snapshots that are not there any more go. */
export async function rebuildRows(place: ManifestPlace, db: Database, signal: AbortSignal): Promise<Rebuilt> {
  // Only rows from before the survey may go: a run that commits meanwhile keeps its own.
  const before = await db.selectFrom('snapshots').select(['server_id', 'repo_id', 'id']).execute();
  const rows = new Map<string, SnapshotRow>();
  const previous = new Map<string, string>();
  const damaged: string[] = [];
  let first: AppError | undefined;
  for await (const found of survey(place, signal)) {
    if (!found.ok) {
      first ??= found.error;
      damaged.push(found.error.message);
      continue;
    }
    rows.set(found.name, rowOf(found.stored));
    const { manifest } = found.stored;
    if (manifest.previous !== null) previous.set(manifestName(found.repo, manifest.previous.id), manifest.previous.sha256);
  }
  // Not one can be read: that is a wrong key, and no reason to empty the table.
  if (first !== undefined && rows.size === 0) throw first;
  for (const [name, sha256] of previous) {
    const row = rows.get(name);
    if (row !== undefined && row.manifest_sha256 !== sha256) damaged.push(`${name} was replaced: the snapshot after it knows another one`);
  }
  const gone = before.filter(({ server_id, repo_id, id }) => !rows.has(manifestName({ serverId: server_id, repoId: repo_id }, id)));
  await db.transaction().execute(async (transaction) => {
    for (const { server_id, repo_id, id } of gone) {
      await transaction
        .deleteFrom('snapshots')
        .where('server_id', '=', server_id)
        .where('repo_id', '=', repo_id)
        .where('id', '=', id)
        .execute();
    }
    for (const row of rows.values()) await transaction.replaceInto('snapshots').values(row).execute();
  });
  const repos = new Set(Array.from(rows.values(), (row) => repoFolder({ serverId: row.server_id, repoId: row.repo_id })));
  return { snapshots: rows.size, repos: repos.size, damaged };
}
