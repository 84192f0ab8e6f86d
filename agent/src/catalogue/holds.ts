import { AppError } from '@gitprotect/shared/errors';
import { Count, Id, Time } from '@gitprotect/shared/text';
import * as v from 'valibot';
import type { Database } from '../db/database.ts';
import { holdFolder, holdName, kindOf, type RepoPlace, serversFolder } from '../storage/layout.ts';
import { damageOf } from '../storage/damage-of.ts';
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

/** Numbers have six digits. */
const lastPossible = 999_999;

function usedUp(place: string, name: string): AppError {
  return new AppError('storage-corrupt', `the last number there is for words about a snapshot is taken in ${place}: ${name}`, {
    remedy: 'nobody says that many: find out who else can write to the storage, and remove that object',
    facts: { name },
  });
}

/** Words of a repo that signed lists name: name -> SHA-256. */
type Listed = ReadonlyMap<string, string>;

/**
 * Writes a word about a snapshot into storage, then into the database. Whether it says what was said before is the caller's to know.
 * @param options.listed a number that one of them has is never given again, though it be gone
 * @returns the object, for the signed lists
 */
export async function sayHold(
  place: ManifestPlace & { readonly db: Database },
  repo: RepoPlace,
  { snapshotId, held, reason, at }: Word,
  { listed, signal }: { readonly listed: Listed; readonly signal: AbortSignal },
): Promise<NamedHash> {
  for (;;) {
    const numbers = (await wordsOf(place, repo, listed, signal)).get(snapshotId)?.map(({ number }) => number) ?? [];
    const number = Math.max(0, ...numbers) + 1;
    if (number > lastPossible) throw usedUp(place.storage.place, holdName(repo, snapshotId, lastPossible));
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

/**
 * The holds of a repo as storage has them. A word that cannot be read, or that is listed and is gone or another by now, counts as a hold: nothing is dropped
 * for want of a record. Where lists are known, a word that none of them names may hold, and takes no hold back: anybody can seal one.
 * @param listed `null` where no list is at hand
 */
export async function holdsInStorage(place: ManifestPlace, repo: RepoPlace, listed: Listed | null, signal: AbortSignal): Promise<Hold[]> {
  const holds: Hold[] = [];
  for (const [snapshotId, words] of await wordsOf(place, repo, listed ?? new Map(), signal)) {
    // The newest first: the first that is listed is the last that is looked at.
    for (const word of words.toSorted((a, b) => b.number - a.number)) {
      const hold = await readHold(place, repo, { snapshotId, ...word }, signal);
      if (hold !== null) holds.push(hold);
      if (hold !== null || listed === null || word.sha256 !== undefined) break;
    }
  }
  return holds;
}

/** The number of the last word about a snapshot that signed lists name: one that none names takes nothing back. */
export function lastListed(listed: Listed, snapshotId: string): number {
  const numbers = Array.from(listed.keys(), (name) => {
    const kind = kindOf(name);
    return kind.kind === 'hold' && kind.id === snapshotId ? kind.number : 0;
  });
  return Math.max(0, ...numbers);
}

/** A word by its name, with its size, or `null` where it is gone, and what the lists say of it. */
interface WordPlace {
  readonly number: number;
  readonly bytes: number | null;
  readonly sha256: string | undefined;
}

async function readHold(
  place: ManifestPlace,
  repo: RepoPlace,
  { snapshotId, number, bytes, sha256 }: WordPlace & { readonly snapshotId: string },
  signal: AbortSignal,
): Promise<Hold | null> {
  const name = holdName(repo, snapshotId, number);
  const unreadable = { snapshotId, reason: `${name} cannot be read`, at: new Date(0).toISOString() };
  if (bytes === null) return unreadable;
  try {
    if (sha256 !== undefined && (await damageOf(place.storage, name, sha256, signal)) !== null) return unreadable;
    const record = await readSealedJson(sealed(place.storage, place.keys), name, HoldRecord, signal);
    const { held, reason, at } = record;
    const its =
      record.server.id === repo.serverId && record.repo.id === repo.repoId && record.snapshot === snapshotId && record.number === number;
    if (!its) return { snapshotId, reason: `${name} is about another snapshot`, at };
    return held ? { snapshotId, reason, at } : null;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError) || !['storage-corrupt', 'storage-foreign', 'not-found'].includes(error.code)) throw error;
    return unreadable;
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
  for (const repo of repos.values()) for (const hold of await holdsInStorage(place, repo, null, signal)) found.push({ repo, hold });
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

/** Snapshot -> the words about it: those in storage, and those that are listed. */
async function wordsOf(
  { storage }: ManifestPlace,
  repo: RepoPlace,
  listed: Listed,
  signal: AbortSignal,
): Promise<Map<string, WordPlace[]>> {
  const sizes = new Map<string, number | null>(Array.from(listed.keys(), (name) => [name, null]));
  for await (const { name, bytes } of storage.list(holdFolder(repo))) {
    signal.throwIfAborted();
    sizes.set(name, bytes);
  }
  const words = new Map<string, WordPlace[]>();
  for (const [name, bytes] of sizes) {
    const kind = kindOf(name);
    if (kind.kind !== 'hold' || kind.serverId !== repo.serverId || kind.repoId !== repo.repoId) continue;
    words.set(kind.id, [...(words.get(kind.id) ?? []), { number: kind.number, bytes, sha256: listed.get(name) }]);
  }
  return words;
}
