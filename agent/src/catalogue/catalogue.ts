import { AppError } from '@gitprotect/shared/errors';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import type { Database } from '../db/database.ts';
import { kindOf, manifestFolder, manifestName, mergeName, type RepoPlace, snapshotId } from '../storage/layout.ts';
import { openChains, type RepoChains } from './chains.ts';
import { type ManifestPlace, type StoredManifest, readManifest, writeManifest } from './manifest-object.ts';
import type { NamedHash } from './ledger-list.ts';
import { type Manifest, ownIn, repoOf } from './manifest.ts';
import { firstMissing } from './missing-object.ts';
import { type MergeRecord, type StoredMerge, writeMerge } from './merge-record.ts';
import type { Continuation, ResolvedManifest } from './next-manifest.ts';
import { renewalOf, renewed } from './renewals.ts';
import { lastSeen, type Seen } from './last-seen.ts';
import { leanedChain } from './leaned-chain.ts';
import { resolveManifest } from './resolve-manifest.ts';
import { rebuildHolds } from './holds.ts';
import { type Rebuilt, rebuildRows } from './rebuild-rows.ts';
import { type Entry, entryOf, rowOf } from './snapshot-row.ts';
import { findOrphans, type Orphans } from './survey.ts';
import { UnfinishedFulls } from './unfinished.ts';
import { noteUnlisted } from './unlisted.ts';
import { packsOf } from './waste.ts';

/** Ids have eight digits. */
const lastPossible = 99_999_999;

/** Which snapshots to list; what is left out does not matter. */
export interface Filter {
  readonly serverId?: string | undefined;
  readonly repoId?: number | undefined;
  readonly projectKey?: string | undefined;
  readonly slug?: string | undefined;
  readonly runId?: string | undefined;
  readonly limit?: number | undefined;
}

/** One snapshot of a repo: by id, or the last one taken not later than `at` (ISO 8601), or the last one. */
export interface Wanted {
  readonly repo: RepoPlace;
  readonly snapshotId?: string | undefined;
  readonly at?: string | undefined;
}

/**
 * All snapshots in a storage. The manifests there are the truth; the database is a cache of them that `rebuild` makes again.
 * `storage` is the plain one, which manifests are sealed into and opened from here.
 */
export class Catalogue {
  /** Full backups that are not committed yet. */
  readonly unfinished: UnfinishedFulls;
  readonly #place: ManifestPlace;
  readonly #db: Database;
  /** Merges of the repo that was asked for last, by name. */
  #merges: ReadonlyMap<string, StoredMerge> = new Map();

  constructor({ storage, keys, db }: ManifestPlace & { readonly db: Database }) {
    this.#place = { storage, keys };
    this.#db = db;
    this.unfinished = new UnfinishedFulls(db);
  }

  /**
   * What the next snapshot of a repo continues, from storage itself: another agent may have written there. A last snapshot that is damaged,
   * replaced, taken away, or to be read only as somebody else's merge says, does not stand in the way: its number is passed over.
   */
  async prepare(repo: RepoPlace, { signal }: { signal: AbortSignal }): Promise<Continuation> {
    const known = await this.latest(repo);
    const there = await this.#sequences(repo);
    await this.#adopt(repo, there, signal);
    const last = Math.max(0, ...there, Number(known?.snapshot.id ?? 0));
    if (last >= lastPossible) throw usedUp(repo, this.#place.storage.place);
    const next = { sequence: last + 1, id: snapshotId(last + 1) };
    const anew = (damage: string | null): Continuation => ({ ...next, before: undefined, packs: null, damage });
    if (last === 0) return anew(null);
    const renewal = await renewalOf(this.#db, repo);
    if (renewal !== null) return anew(renewal);
    const id = snapshotId(last);
    try {
      const sha256 = known?.snapshot.id === id ? known.manifestSha256 : undefined;
      const before = await this.#resolve(manifestName(repo, id), sha256, signal);
      if (before.unsigned !== null) return anew(`snapshot ${id}: ${before.unsigned}`);
      return { ...next, before, packs: await packsOf(this.#db, repo), damage: null };
    } catch (error) {
      if (error instanceof AppError && error.code === 'backup-damaged') return anew(error.message);
      throw error;
    }
  }

  /**
   * Commits a snapshot: from here on it exists. Its bundles, those it leans on and its metadata must be in storage, whole, before. `beside`: what else it
   * added there: large files, words about leaning.
   * @throws AppError `backup-damaged` when one is not (nothing is written), `storage-exists` when another writer has committed this
   *   sequence number: `prepare` again and start over
   */
  async add(manifest: Manifest, { beside = [], signal }: { beside?: readonly NamedHash[]; signal: AbortSignal }): Promise<Entry> {
    const under = await leanedChain(this.#place, manifest, { signal });
    const missing = await firstMissing(this.#place, { ...manifest, under: under.chain }, signal);
    // What is not there any more may have been merged by another agent since the chain was read.
    if (missing !== undefined) {
      const { manifest: now } = (await this.chains(repoOf(manifest), { signal })).resolve(manifest);
      const still = await firstMissing(this.#place, { ...now, under: under.chain }, signal);
      if (still !== undefined) throw still;
    }
    const commit = { serverId: manifest.server.id, runId: manifest.runId, beside: [...beside, ...ownIn(manifest).map(named)] };
    const note = (sealed: NamedHash) => noteUnlisted(this.#db, { ...commit, manifest: sealed });
    const { sha256 } = await writeManifest(this.#place, manifest, note, signal);
    const entry = await this.#remember({ manifest, sha256 });
    await this.unfinished.forget(repoOf(manifest));
    if (manifest.kind === 'full' || manifest.kind === 'empty') await renewed(this.#db, repoOf(manifest));
    return entry;
  }

  /** What was last seen of these repos, as the database has it. */
  async seen(repos: readonly RepoPlace[]): Promise<Seen> {
    return lastSeen(this.#db, repos);
  }

  /** The last snapshot of a repo. Last by number: clocks jump. */
  async latest(repo: RepoPlace): Promise<Entry | undefined> {
    const row = await this.#of(repo).orderBy('id', 'desc').limit(1).executeTakeFirst();
    return row === undefined ? undefined : entryOf(row);
  }

  /** @throws AppError `not-found` when there is no such snapshot */
  async find({ repo, snapshotId, at }: Wanted): Promise<Entry> {
    let query = this.#of(repo);
    if (snapshotId !== undefined) query = query.where('id', '=', snapshotId);
    if (at !== undefined) query = query.where('taken_at', '<=', new Date(at).toISOString());
    const row = await query.orderBy('id', 'desc').limit(1).executeTakeFirst();
    if (row !== undefined) return entryOf(row);
    const which = snapshotId !== undefined ? `snapshot ${snapshotId}` : at !== undefined ? `snapshot taken by ${at}` : 'snapshot';
    const last = (await this.latest(repo))?.snapshot;
    const name = last === undefined ? `repository ${repo.repoId} (server ${repo.serverId})` : `${last.projectKey}/${last.slug}`;
    throw new AppError('not-found', `there is no ${which} of ${name}`, {
      remedy: 'list the snapshots; if the database is new, run "catalogue rebuild"',
    });
  }

  /** The newest first. */
  async list(filter: Filter = {}): Promise<Snapshot[]> {
    return Catalogue.listIn(this.#db, filter);
  }

  /** As `list`, without a storage: for when it cannot be reached. */
  static async listIn(db: Database, { serverId, repoId, projectKey, slug, runId, limit }: Filter): Promise<Snapshot[]> {
    let query = db.selectFrom('snapshots').selectAll();
    if (serverId !== undefined) query = query.where('server_id', '=', serverId);
    if (repoId !== undefined) query = query.where('repo_id', '=', repoId);
    if (projectKey !== undefined) query = query.where('project_key', '=', projectKey);
    if (slug !== undefined) query = query.where('slug', '=', slug);
    if (runId !== undefined) query = query.where('run_id', '=', runId);
    if (limit !== undefined) query = query.limit(limit);
    const rows = await query.orderBy('taken_at', 'desc').orderBy('id', 'desc').execute();
    return rows.map((row) => entryOf(row).snapshot);
  }

  /**
   * A snapshot's manifest with its whole list of refs, checked against its hash.
   * @throws AppError `backup-damaged` naming the object that is missing or changed
   */
  async manifest(
    { snapshot, manifestSha256 }: Pick<Entry, 'snapshot' | 'manifestSha256'>,
    { signal }: { signal: AbortSignal },
  ): Promise<ResolvedManifest> {
    return this.#resolve(manifestName(snapshot, snapshot.id), manifestSha256, signal);
  }

  /**
   * Commits a merge, whose result is in storage: from here on chains are read through it.
   * @param id of the step of upkeep that made it, whose list will name what is returned: all that it added
   * @throws AppError `storage-exists` when another writer has committed this number
   */
  async addMerge(record: MergeRecord, { id, signal }: { id: string; signal: AbortSignal }): Promise<NamedHash[]> {
    const result = named(record.result);
    const note = (sealed: NamedHash) =>
      noteUnlisted(this.#db, { serverId: record.server.id, runId: id, manifest: sealed, beside: [result] });
    return [result, await writeMerge(this.#place, record, note, signal)];
  }

  /** How the chains of a repo are to be read now. */
  async chains(repo: RepoPlace, { signal }: { signal: AbortSignal }): Promise<RepoChains> {
    const chains = await openChains(this.#place, repo, { signal, known: this.#merges });
    this.#merges = new Map(chains.records.map((record) => [mergeName(repo, record.sequence), record]));
    return chains;
  }

  /** Forgets a snapshot; its bundles stay for `orphans` to find. Only pruning calls this. It is unlisted first: whatever is listed must be there. */
  async remove({ serverId, repoId, id }: Pick<Snapshot, 'serverId' | 'repoId' | 'id'>): Promise<void> {
    const row = this.#db.deleteFrom('snapshots').where('server_id', '=', serverId).where('repo_id', '=', repoId).where('id', '=', id);
    const listed = await row.returningAll().execute();
    try {
      await this.#place.storage.remove(manifestName({ serverId, repoId }, id));
    } catch (error) {
      // A backup may have found it there meanwhile.
      if (listed.length > 0) await this.#db.replaceInto('snapshots').values(listed).execute();
      throw error;
    }
  }

  /** Takes in a snapshot that storage has: another agent's perhaps. */
  async adopt(stored: StoredManifest): Promise<void> {
    await this.#remember(stored);
  }

  /** Makes the database's part again from storage alone. Damaged manifests are named, and their snapshots left out. */
  async rebuild({ signal }: { signal: AbortSignal }): Promise<Rebuilt> {
    const rebuilt = await rebuildRows(this.#place, this.#db, signal);
    await rebuildHolds(this.#place, this.#db, signal);
    return rebuilt;
  }

  /** Objects in storage that no snapshot needs: what crashes and lost races left behind. Reads every manifest. */
  async orphans({ signal }: { signal: AbortSignal }): Promise<Orphans> {
    return findOrphans(this.#place, signal);
  }

  /** The highest number in storage, 0 for none; whether that manifest can be read or not. */
  async #sequences(repo: RepoPlace): Promise<number[]> {
    const sequences: number[] = [];
    for await (const { name } of this.#place.storage.list(manifestFolder(repo))) {
      const kind = kindOf(name);
      if (kind.kind === 'manifest') sequences.push(kind.sequence);
    }
    return sequences;
  }

  /** Takes in snapshots that storage has and the database does not: another agent's, or one of which only the commit was done before a crash. */
  async #adopt(repo: RepoPlace, there: readonly number[], signal: AbortSignal): Promise<void> {
    const known = new Set((await this.#of(repo).clearSelect().select('id').execute()).map(({ id }) => id));
    for (const id of there.map(snapshotId).filter((one) => !known.has(one))) {
      try {
        await this.#remember(await readManifest(this.#place, manifestName(repo, id), { signal }));
      } catch (error) {
        // A damaged one is no snapshot to list; `rebuild` names it.
        if (!(error instanceof AppError) || (error.code !== 'storage-corrupt' && error.code !== 'not-found')) throw error;
      }
    }
  }

  async #remember(stored: StoredManifest): Promise<Entry> {
    const row = rowOf(stored);
    await this.#db
      .insertInto('snapshots')
      .values(row)
      .onConflict((conflict) => conflict.columns(['server_id', 'repo_id', 'id']).doUpdateSet(row))
      .execute();
    return entryOf(row);
  }

  async #resolve(name: string, sha256: string | undefined, signal: AbortSignal): Promise<ResolvedManifest> {
    const read = await resolveManifest(name, (other, pinned) => readManifest(this.#place, other, { signal, sha256: pinned }), sha256);
    const { manifest, merges, unsigned, damage } = (await this.chains(repoOf(read.written), { signal })).resolve(read.written);
    const under = await leanedChain(this.#place, read.written, { signal });
    return {
      ...read,
      manifest: { ...manifest, chain: [...under.chain, ...manifest.chain] },
      merges: [...under.merges, ...merges],
      unsigned: under.unsigned ?? unsigned,
      damage: [...under.damage, ...damage],
    };
  }

  #of({ serverId, repoId }: RepoPlace) {
    return this.#db.selectFrom('snapshots').selectAll().where('server_id', '=', serverId).where('repo_id', '=', repoId);
  }
}

const named = ({ object, sha256 }: { readonly object: string; readonly sha256: string }): NamedHash => ({ name: object, sha256 });

function usedUp({ serverId, repoId }: RepoPlace, place: string): AppError {
  return new AppError(
    'storage-corrupt',
    `repository ${repoId} (server ${serverId}) has a snapshot with the last number there is in ${place}`,
    { remedy: 'no backup makes that many: find out who else can write to the storage, and remove that object' },
  );
}
