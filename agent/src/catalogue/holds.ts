import { AppError } from '@gitprotect/shared/errors';
import { Count, Id, Time } from '@gitprotect/shared/text';
import * as v from 'valibot';
import type { Database } from '../db/database.ts';
import { holdFolder, holdName, kindOf, type RepoPlace, serversFolder } from '../storage/layout.ts';
import { sealed } from '../storage/sealed.ts';
import type { ManifestPlace } from './manifest-object.ts';
import type { NamedHash } from './ledger-list.ts';
import { readSealedJson, writeSealedJson } from './sealed-json.ts';

/** One word about a snapshot. Never changed: the next word has the next number, and the last one counts. */
const HoldRecord = v.object({
  format: v.literal(1),
  server: v.object({ id: Id }),
  repo: v.object({ id: Count }),
  snapshot: Id,
  number: Count,
  /** `false` takes an earlier hold back. */
  held: v.boolean(),
  reason: v.string(),
  at: Time,
});

/** A snapshot that somebody holds: retention leaves it alone. */
export interface Hold {
  readonly snapshotId: string;
  readonly reason: string;
  readonly at: string;
}

/** A word to be said about a snapshot. */
export interface Word extends Hold {
  readonly held: boolean;
}

/**
 * Writes a word about a snapshot into storage, then into the database. Whether it says what was said before is the caller's to know.
 * @returns the object, for the signed lists
 */
export async function sayHold(
  place: ManifestPlace & { readonly db: Database },
  repo: RepoPlace,
  { snapshotId, held, reason, at }: Word,
  signal: AbortSignal,
): Promise<NamedHash> {
  for (;;) {
    const number =
      Math.max(0, ...(await numbersOf(place, repo, signal)).filter((one) => one.id === snapshotId).map((one) => one.number)) + 1;
    const record: v.InferOutput<typeof HoldRecord> = {
      format: 1,
      server: { id: repo.serverId },
      repo: { id: repo.repoId },
      snapshot: snapshotId,
      number,
      held,
      reason,
      at,
    };
    try {
      const stored = await writeSealedJson(sealed(place.storage, place.keys), holdName(repo, snapshotId, number), record, signal);
      await remember(place.db, repo, { snapshotId, held, reason, at });
      return stored;
    } catch (error) {
      // Somebody else has just said something: ours is then the next word.
      if (!(error instanceof AppError && error.code === 'storage-exists')) throw error;
    }
  }
}

/** The holds of a repo as storage has them. A word that cannot be read counts as a hold: nothing is dropped for want of a record. */
export async function holdsInStorage(place: ManifestPlace, repo: RepoPlace, signal: AbortSignal): Promise<Hold[]> {
  const holds: Hold[] = [];
  for (const [snapshotId, words] of Map.groupBy(await numbersOf(place, repo, signal), ({ id }) => id)) {
    const number = Math.max(...words.map((one) => one.number));
    const hold = await readHold(place, repo, { snapshotId, number }, signal);
    if (hold !== null) holds.push(hold);
  }
  return holds;
}

async function readHold(
  place: ManifestPlace,
  repo: RepoPlace,
  { snapshotId, number }: { readonly snapshotId: string; readonly number: number },
  signal: AbortSignal,
): Promise<Hold | null> {
  const name = holdName(repo, snapshotId, number);
  try {
    const record = await readSealedJson(sealed(place.storage, place.keys), name, HoldRecord, signal);
    const { held, reason, at } = record;
    const its =
      record.server.id === repo.serverId && record.repo.id === repo.repoId && record.snapshot === snapshotId && record.number === number;
    if (!its) return { snapshotId, reason: `${name} is about another snapshot`, at };
    return held ? { snapshotId, reason, at } : null;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError) || (error.code !== 'storage-corrupt' && error.code !== 'storage-foreign')) throw error;
    return { snapshotId, reason: `${name} cannot be read`, at: new Date(0).toISOString() };
  }
}

/** What this agent knows of holds, without asking the storage. */
export async function holdsKnown(db: Database, repo?: RepoPlace): Promise<(Hold & RepoPlace)[]> {
  const query = db.selectFrom('holds').selectAll();
  const rows = await (
    repo === undefined ? query : query.where('server_id', '=', repo.serverId).where('repo_id', '=', repo.repoId)
  ).execute();
  return rows.map((row) => ({
    serverId: row.server_id,
    repoId: row.repo_id,
    snapshotId: row.snapshot_id,
    reason: row.reason,
    at: row.at,
  }));
}

/** Makes the database's part again from storage. */
export async function rebuildHolds(place: ManifestPlace, db: Database, signal: AbortSignal): Promise<void> {
  const repos = new Map<string, RepoPlace>();
  for await (const { name } of place.storage.list(serversFolder)) {
    const kind = kindOf(name);
    if (kind.kind === 'hold') repos.set(holdFolder(kind), { serverId: kind.serverId, repoId: kind.repoId });
  }
  const found: { repo: RepoPlace; hold: Hold }[] = [];
  for (const repo of repos.values()) for (const hold of await holdsInStorage(place, repo, signal)) found.push({ repo, hold });
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('holds').execute();
    for (const { repo, hold } of found) await transaction.insertInto('holds').values(rowOf(repo, hold)).execute();
  });
}

async function remember(db: Database, repo: RepoPlace, { held, ...hold }: Word): Promise<void> {
  if (held) await db.replaceInto('holds').values(rowOf(repo, hold)).execute();
  else {
    const query = db.deleteFrom('holds').where('server_id', '=', repo.serverId).where('repo_id', '=', repo.repoId);
    await query.where('snapshot_id', '=', hold.snapshotId).execute();
  }
}

function rowOf({ serverId, repoId }: RepoPlace, { snapshotId, reason, at }: Hold) {
  return { server_id: serverId, repo_id: repoId, snapshot_id: snapshotId, reason, at };
}

async function numbersOf({ storage }: ManifestPlace, repo: RepoPlace, signal: AbortSignal): Promise<{ id: string; number: number }[]> {
  const found: { id: string; number: number }[] = [];
  for await (const { name } of storage.list(holdFolder(repo))) {
    signal.throwIfAborted();
    const kind = kindOf(name);
    if (kind.kind === 'hold') found.push({ id: kind.id, number: kind.number });
  }
  return found;
}
