import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import { kindOf, leanFolder, newLeanName, repoFolder, type RepoPlace } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import type { NamedHash } from './ledger-list.ts';
import type { ManifestPlace } from './manifest-object.ts';
import { writeSealedJson } from './sealed-json.ts';
import { survey } from './survey.ts';

/*
 * A fork's snapshot may lean on one of the repo it comes from: its chain then begins with that one's. A word beside the snapshot that is leaned on says
 * which fork to ask before it goes; the forks' own manifests say whether it is still so.
 */

/** A snapshot of a repo, and the fork that leans on it. */
export interface Lean {
  readonly snapshotId: string;
  readonly forkId: number;
}

/** Writes beside a snapshot that a fork leans on it: before the fork's manifest is written. `storage` seals it. @returns the object, for the signed lists */
export async function sayLean(storage: Storage, repo: RepoPlace, { snapshotId, forkId }: Lean, signal: AbortSignal): Promise<NamedHash> {
  const record = { format: 1, server: { id: repo.serverId }, repo: { id: repo.repoId }, snapshot: snapshotId, fork: { id: forkId } };
  return writeSealedJson(storage, newLeanName(repo, snapshotId, forkId), record, signal);
}

/** What leans on the snapshots of a repo. */
export interface Leans {
  /** Snapshot -> why it must stay. */
  readonly needed: ReadonlyMap<string, string>;
  /** Every word there is: name -> bytes. */
  readonly words: ReadonlyMap<string, number>;
  /** Words of those that lean no more. */
  readonly over: ReadonlySet<string>;
}

/**
 * Which snapshots of a repo forks lean on: what storage has counts, or should have, as the signed lists say, and what this agent remembers. Of a fork with a manifest that cannot be read it
 * is not known, so all that it was said to lean on stays.
 */
export async function leansInStorage(
  place: ManifestPlace & { readonly db: Database },
  repo: RepoPlace,
  listed: Iterable<string>,
  signal: AbortSignal,
): Promise<Leans> {
  const { serverId } = repo;
  const words = new Map<string, number>();
  const said: (Lean & { readonly name: string })[] = [];
  const hear = (name: string): boolean => {
    const kind = kindOf(name);
    if (kind.kind === 'lean') said.push({ snapshotId: kind.id, forkId: kind.forkId, name });
    return kind.kind === 'lean';
  };
  for await (const { name, bytes } of place.storage.list(leanFolder(repo))) if (hear(name)) words.set(name, bytes);
  for (const name of listed) if (!words.has(name)) hear(name);
  const known = await leansKnown(place.db, { serverId, repoId: repo.repoId });
  const needed = new Map<string, string>();
  for (const { on, words: why } of known) needed.set(on.snapshotId, why);
  const over = new Set<string>();
  for (const [forkId, ofFork] of Map.groupBy(said, (one) => one.forkId)) {
    const remembered = new Set(known.filter((one) => one.forkId === forkId).map(({ on }) => on.snapshotId));
    if (ofFork.every(({ snapshotId }) => remembered.has(snapshotId))) continue;
    const found = await leansOf(place, { serverId, repoId: forkId }, repo.repoId, signal);
    for (const { snapshotId, name } of ofFork) {
      if (found === null || found.has(snapshotId)) needed.set(snapshotId, needed.get(snapshotId) ?? `repository ${forkId} leans on it`);
      else if (!remembered.has(snapshotId)) over.add(name);
    }
  }
  return { needed, words, over };
}

/** The snapshots of `onId` that a fork's lean on; `null` where one of its manifests cannot be read. */
async function leansOf(place: ManifestPlace, fork: RepoPlace, onId: number, signal: AbortSignal): Promise<ReadonlySet<string> | null> {
  const found = new Set<string>();
  for await (const one of survey(place, signal, repoFolder(fork))) {
    if (!one.ok) return null;
    const { leansOn } = one.stored.manifest;
    if (leansOn?.repoId === onId) found.add(leansOn.id);
  }
  return found;
}

/** A lean as the database knows it. */
export interface KnownLean {
  readonly serverId: string;
  readonly forkId: number;
  readonly on: { readonly repoId: number; readonly snapshotId: string };
  /** Why what is leaned on must stay. */
  readonly words: string;
}

/** What this agent knows of leans, without asking the storage; those on one repo, on those of one server, or all. */
export async function leansKnown(db: Database, { serverId, repoId }: Partial<RepoPlace> = {}): Promise<KnownLean[]> {
  const onRepo = sql<number>`json_extract(snapshot_json, '$.leansOn.repoId')`;
  const onSnapshot = sql<string>`json_extract(snapshot_json, '$.leansOn.snapshotId')`;
  let query = db
    .selectFrom('snapshots')
    .select(({ fn }) => ['server_id', 'repo_id', fn.max('project_key').as('project_key'), fn.max('slug').as('slug')])
    .select([onRepo.as('on_repo'), onSnapshot.as('on_snapshot')])
    .where(onRepo, 'is not', null)
    .groupBy(['server_id', 'repo_id', 'on_repo', 'on_snapshot']);
  if (serverId !== undefined) query = query.where('server_id', '=', serverId);
  if (repoId !== undefined) query = query.where(onRepo, '=', repoId);
  const rows = await query.execute();
  return rows.map((row) => ({
    serverId: row.server_id,
    forkId: row.repo_id,
    on: { repoId: row.on_repo, snapshotId: row.on_snapshot },
    words: `${row.project_key}/${row.slug} leans on it`,
  }));
}
