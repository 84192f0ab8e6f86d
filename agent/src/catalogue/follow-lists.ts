import { AppError } from '@gitprotect/shared/errors';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import { kindOf } from '../storage/layout.ts';
import type { Catalogue } from './catalogue.ts';
import type { Ledger } from './ledger.ts';
import { type ManifestPlace, readManifest } from './manifest-object.ts';

/** A storage whose lists are followed. Its `storage` is the plain one. */
export interface FollowedPlace extends ManifestPlace {
  readonly storageId: string;
  readonly db: Database;
  readonly catalogue: Pick<Catalogue, 'adopt'>;
  readonly ledger: Pick<Ledger, 'servers' | 'catchUp'>;
}

/**
 * Brings the list of snapshots to where the signed lists are: another agent's snapshots come in, and those go that were pruned by another agent, or by this one
 * before it was killed. One that is merely not there any more stays listed: that is for `verify` to say.
 */
export async function followLists(place: FollowedPlace, signal: AbortSignal): Promise<void> {
  const { db, storage, storageId, catalogue, ledger } = place;
  const listed = await db.selectFrom('snapshots').select('server_id').distinct().execute();
  // Of a server that is new to this agent the lists were not read yet.
  for (const serverId of new Set([...(await ledger.servers()), ...listed.map(({ server_id }) => server_id)])) {
    await ledger.catchUp(serverId, signal);
    const rows = db.selectFrom('snapshots').where('server_id', '=', serverId);
    const removed = db.selectFrom('ledger_removed').select('name').where('storage_id', '=', storageId);
    const pruned = await rows
      .select(['repo_id', 'id', manifestOf.as('manifest')])
      .where(manifestOf, 'in', removed)
      .execute();
    for (const { repo_id, id, manifest } of pruned) {
      signal.throwIfAborted();
      // Its removal may have been refused, or not have come.
      if ((await storage.stat(manifest)) !== undefined) continue;
      await db.deleteFrom('snapshots').where('server_id', '=', serverId).where('repo_id', '=', repo_id).where('id', '=', id).execute();
    }
    const standing = db.selectFrom('ledger_objects').select(['name', 'sha256']).where('storage_id', '=', storageId);
    const unknown = standing
      .where('server_id', '=', serverId)
      .where('name', 'like', '%/snapshots/%')
      .where('name', 'not in', rows.select(manifestOf.as('name')));
    for (const { name, sha256 } of await unknown.execute()) {
      signal.throwIfAborted();
      if (kindOf(name).kind !== 'manifest') continue;
      try {
        await catalogue.adopt(await readManifest(place, name, { signal, sha256 }));
      } catch (error) {
        // A damaged one, or one of a newer release, is no snapshot to list; `verify` names it.
        if (!(error instanceof AppError) || !['storage-corrupt', 'storage-foreign', 'not-found'].includes(error.code)) throw error;
      }
    }
  }
}

/** As `manifestName` says it. */
const manifestOf = sql<string>`'servers/' || server_id || '/repos/' || repo_id || '/snapshots/' || id || '.json.zst.age'`;
