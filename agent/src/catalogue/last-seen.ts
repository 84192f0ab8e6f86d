import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import type { RepoPlace } from '../storage/layout.ts';

/** What a run needs of a repo's last snapshot to find that nothing is new. */
export interface LastSeen {
  readonly snapshotId: string;
  readonly objectFormat: Snapshot['objectFormat'];
  /** Hash of the server's ref list as it came over the wire; `null` also where the next backup leaves this snapshot alone. */
  readonly listingHash: string | null;
}

/** What was last seen of a repo; `undefined` where it has no snapshot. */
export type Seen = (repo: RepoPlace) => LastSeen | undefined;

interface Row {
  readonly repo_id: number;
  readonly id: string;
  readonly object_format: string;
  readonly listing_hash: string | null;
}

/** Reads the last snapshots of many repos at once, last by number: a question for each would take longer than to ask the server whether it is unchanged. */
export async function lastSeen(db: Database, repos: readonly RepoPlace[]): Promise<Seen> {
  const seen = new Map<string, LastSeen>();
  for (const [serverId, ofServer] of Map.groupBy(repos, (repo) => repo.serverId)) {
    const ids = JSON.stringify(ofServer.map(({ repoId }) => repoId));
    const { rows } = await sql<Row>`
      select s.repo_id, s.id, s.snapshot_json ->> '$.objectFormat' as object_format, iif(r.reason is null, s.listing_hash, null) as listing_hash
      from json_each(${ids}) as wanted
      join snapshots as s on s.server_id = ${serverId} and s.repo_id = wanted.value
        and s.id = (select max(id) from snapshots where server_id = ${serverId} and repo_id = wanted.value)
      left join renewals as r on r.server_id = s.server_id and r.repo_id = s.repo_id`.execute(db);
    for (const { repo_id, id, object_format, listing_hash } of rows) {
      const objectFormat = object_format === 'sha256' ? 'sha256' : 'sha1';
      seen.set(`${serverId} ${repo_id}`, { snapshotId: id, objectFormat, listingHash: listing_hash });
    }
  }
  return ({ serverId, repoId }) => seen.get(`${serverId} ${repoId}`);
}
