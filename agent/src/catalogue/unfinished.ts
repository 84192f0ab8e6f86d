import { Count, Id } from '@gitprotect/shared/text';
import type { Kysely } from 'kysely';
import * as v from 'valibot';
import type { Tables } from '../db/schema.ts';
import type { RepoPlace } from '../storage/layout.ts';
import { Head, Link, ObjectId } from './manifest.ts';

/** A full backup on its way: what of it lies in storage already, as a chain that is no snapshot's yet. */
const UnfinishedFull = v.object({
  /** The snapshot it will be. Once another one has that number, this is void. */
  snapshotId: Id,
  objectFormat: v.picklist(['sha1', 'sha256']),
  /** In how many pieces it is fetched. */
  pieces: Count,
  links: v.array(Link),
  /** What the links hold: lines of `refLine`, and HEAD once it is among it. */
  refs: v.array(v.string()),
  head: Head,
  shallow: v.array(ObjectId),
});
export type UnfinishedFull = v.InferOutput<typeof UnfinishedFull>;

/**
 * Full backups that are not committed, one a repo. They are written down in the database and not in storage: whoever can put objects there could
 * otherwise slip bundles of his own into a backup. Lose the database, and a first backup starts over.
 */
export class UnfinishedFulls {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** The objects in storage that such a backup of a repo goes on from, whatever snapshot it will be. */
  async objects({ serverId, repoId }: RepoPlace): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('unfinished')
      .select('unfinished_json')
      .where('server_id', '=', serverId)
      .where('repo_id', '=', repoId)
      .execute();
    return rows.flatMap(({ unfinished_json }) => {
      const read = v.safeParse(UnfinishedFull, JSON.parse(unfinished_json));
      return read.success ? read.output.links.map(({ object }) => object) : [];
    });
  }

  /** What there is of the snapshot `snapshotId` of a repo. */
  async find({ serverId, repoId }: RepoPlace, snapshotId: string): Promise<UnfinishedFull | undefined> {
    const row = await this.#db
      .selectFrom('unfinished')
      .select('unfinished_json')
      .where('server_id', '=', serverId)
      .where('repo_id', '=', repoId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    // What an older release wrote in another form is fetched again.
    const read = v.safeParse(UnfinishedFull, JSON.parse(row.unfinished_json));
    return read.success && read.output.snapshotId === snapshotId ? read.output : undefined;
  }

  /** Puts it in the place of what was known of this repo. */
  async note({ serverId, repoId }: RepoPlace, unfinished: UnfinishedFull): Promise<void> {
    const row = { unfinished_json: JSON.stringify(unfinished) };
    await this.#db
      .insertInto('unfinished')
      .values({ server_id: serverId, repo_id: repoId, ...row })
      .onConflict((conflict) => conflict.columns(['server_id', 'repo_id']).doUpdateSet(row))
      .execute();
  }

  async forget({ serverId, repoId }: RepoPlace): Promise<void> {
    await this.#db.deleteFrom('unfinished').where('server_id', '=', serverId).where('repo_id', '=', repoId).execute();
  }
}
