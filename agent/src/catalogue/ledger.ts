import { createHash } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import type { Database } from '../db/database.ts';
import { newId } from '../lib/id.ts';
import type { Secret } from '../lib/secret.ts';
import { bytesOf, streamOf } from '../storage/bytes.ts';
import { kindOf, listName, runFolder, signatureName, storageFile } from '../storage/layout.ts';
import type { Storage, Stored } from '../storage/storage.ts';
import { checkLists, type LedgerProblem } from './ledger-check.ts';
import { encodeList, type LedgerList, type NamedHash } from './ledger-list.ts';
import { inOrder, readList, type ReadList } from './ledger-read.ts';
import { rememberLists } from './ledger-remember.ts';
import { type Removed, removedAmong, rememberRemoved } from './ledger-removed.ts';
import { damagedBelow, standingAmong, standingBelow } from './ledger-standing.ts';
import { adoptable, forgetUnlisted } from './unlisted.ts';
import { signSsh } from './ssh-signature.ts';

/** Where a ledger lies. `storage` is the plain one; `storageId` tells what the database remembers of one storage from what it does of another. */
export interface LedgerPlace {
  readonly storage: Storage;
  readonly storageId: string;
  readonly db: Database;
  /** Signs the lists, and is what tells ours from others'. */
  readonly signingKey: Secret;
}

/** What goes into a new list. */
export interface LedgerEntry {
  /** Of the run, or of the step of upkeep: `prune_…`, `compact_…`, `drill_…`. Never used before. */
  readonly id: string;
  readonly added: readonly NamedHash[];
  /** Names of objects that need not be there any more. They are removed from storage *after* the list says so, for then a crash leaves what is in the way of nobody. */
  readonly removed?: readonly string[];
}

/**
 * What each server's signed lists say together: which objects must be in storage now, and with which bytes. A list is committed when it is there: its
 * signature is written before it. Lists name the ones they come after, so that none can be changed, dropped or put elsewhere unnoticed; of two agents that
 * write at once each writes a list of its own, and the next one comes after both. The database remembers what it has read of them, and is caught up from
 * storage at each use.
 */
export class Ledger {
  readonly #place: LedgerPlace;

  constructor(place: LedgerPlace) {
    this.#place = place;
  }

  /**
   * Writes the next list of a server. What a crash kept earlier runs from listing goes into it too.
   * @returns the list
   */
  async append(serverId: string, entry: LedgerEntry, signal: AbortSignal): Promise<NamedHash> {
    return this.#writeNext(serverId, await this.#next(serverId, entry, signal), signal);
  }

  /** As `append`; where nothing is to be said of any object no list is written. */
  async appendAny(serverId: string, entry: LedgerEntry, signal: AbortSignal): Promise<void> {
    const next = await this.#next(serverId, entry, signal);
    if (next.added.length + next.removed.length > 0) await this.#writeNext(serverId, next, signal);
  }

  /** What a list of this has to say beyond those that are there. */
  async #next(serverId: string, { id, added, removed = [] }: LedgerEntry, signal: AbortSignal): Promise<NextList> {
    const { storage, db } = this.#place;
    await this.catchUp(serverId, signal);
    const left = await adoptable({ db, storage }, serverId, id, signal);
    const names = [storageFile, ...[...left, ...added].map((one) => one.name), ...removed];
    const standing = await standingAmong(this.#place, serverId, names);
    return {
      id,
      named: [...left, ...added],
      added: unique([...(await this.#storageFile(standing, signal)), ...left, ...added]).filter(
        (one) => standing.get(one.name) !== one.sha256,
      ),
      removed: removed.flatMap((name) => {
        const sha256 = standing.get(name);
        return sha256 === undefined ? [] : [{ name, sha256 }];
      }),
    };
  }

  async #writeNext(serverId: string, next: NextList, signal: AbortSignal): Promise<NamedHash> {
    const written = await this.#write(serverId, next, signal);
    await forgetUnlisted(this.#place.db, next.named);
    return written;
  }

  /** Writes a list after all those that none comes after; first its signature. */
  async #write(
    serverId: string,
    { id, added, removed }: Omit<LedgerList, 'previous'> & { readonly id: string },
    signal: AbortSignal,
  ): Promise<NamedHash> {
    const { storage, signingKey } = this.#place;
    const retired = new Set(removed.map((one) => one.name));
    const previous = await this.#heads(serverId, retired);
    const list: LedgerList = { previous, added, removed };
    const name = listName(serverId, id);
    const bytes = encodeList(name, list);
    await storage.put(signatureName(name), streamOf(signSsh(bytes, signingKey)), { signal });
    const { sha256 } = await storage.put(name, streamOf(bytes), { signal });
    await rememberLists(this.#place, serverId, [{ ...list, name, sha256 }]);
    return { name, sha256 };
  }

  /** What must be in storage now for a server: name -> SHA-256. Lists themselves and their signatures are not among it. */
  async standing(serverId: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    await this.catchUp(serverId, signal);
    return this.standingBelow(serverId, '');
  }

  /** What of it lies below a folder, as far as the lists were read: `catchUp` reads those that came since. Costs what lies there, however much there is beside it. */
  async standingBelow(serverId: string, folder: string): Promise<ReadonlyMap<string, string>> {
    return standingBelow(this.#place, serverId, folder);
  }

  /** Names of objects below a folder that were not as written when they were last read. */
  async damagedBelow(serverId: string, folder: string): Promise<ReadonlySet<string>> {
    return damagedBelow(this.#place, serverId, folder);
  }

  /** Those of these names that stand in the ledger, as far as the lists were read. */
  async listed(serverId: string, names: readonly string[]): Promise<string[]> {
    return [...(await standingAmong(this.#place, serverId, names)).keys()];
  }

  /** What lists have taken out of the ledger, of these names; as far as they were read: `standing` reads them. */
  removed(names: readonly string[]): Promise<ReadonlyMap<string, Removed>> {
    return removedAmong(this.#place, names);
  }

  /** The servers that have a ledger, as far as the database has read them. */
  async servers(): Promise<string[]> {
    const query = this.#place.db.selectFrom('ledger_lists').select('server_id').distinct().where('storage_id', '=', this.#place.storageId);
    return (await query.execute()).map(({ server_id }) => server_id);
  }

  /** What is wrong with the lists and signatures of a server, those among them that this database has seen before and that are gone. */
  async check(serverId: string, signal: AbortSignal): Promise<LedgerProblem[]> {
    const problems = await checkLists(this.#place, serverId, await this.#seen(serverId), signal);
    await this.catchUp(serverId, signal);
    return problems;
  }

  /**
   * Makes good what `check` found, where the database knows what the list said: a signature is written anew; a list that is damaged or gone is taken
   * out of the ledger, and what it said is said again.
   */
  async heal(serverId: string, id: string, problems: readonly LedgerProblem[], signal: AbortSignal): Promise<string[]> {
    const { storage, signingKey } = this.#place;
    const seen = await this.#seen(serverId);
    const lost: NamedHash[] = [];
    const healed: string[] = [];
    for (const { object, known } of problems) {
      const sha256 = known === null ? undefined : seen.get(known);
      if (known === null || sha256 === undefined) continue;
      healed.push(object);
      if (object === known) lost.push({ name: known, sha256 });
      else {
        const bytes = await bytesOf(await storage.get(known, { signal, expect: await this.#stored(known, sha256) }), sizeLimit, known);
        await storage.remove(object);
        await storage.put(object, streamOf(signSsh(bytes, signingKey)), { signal });
      }
    }
    // Of pruning apart: what lists of it take out, and no others, leaves copies too.
    const byPruning = ({ name }: NamedHash): boolean => name.startsWith(`${runFolder(serverId)}prune_`);
    await this.#giveUp(
      serverId,
      id,
      lost.filter((one) => !byPruning(one)),
      signal,
    );
    await this.#giveUp(serverId, newId('prune'), lost.filter(byPruning), signal);
    return healed;
  }

  /** Takes lists out of the ledger that are damaged or gone, and says again what they said: what they added and still stands, and what they took out. */
  async #giveUp(serverId: string, id: string, lost: readonly NamedHash[], signal: AbortSignal): Promise<void> {
    if (lost.length === 0) return;
    const { storage, db, storageId } = this.#place;
    const names = lost.map(({ name }) => name);
    const added = db.selectFrom('ledger_objects').select(['name', 'sha256']).where('storage_id', '=', storageId);
    const removed = db.selectFrom('ledger_removed').select(['name', 'sha256']).where('storage_id', '=', storageId);
    await this.#write(
      serverId,
      {
        id,
        added: await added.where('server_id', '=', serverId).where('list', 'in', names).execute(),
        removed: unique([...(await removed.where('list', 'in', names).execute()), ...lost]),
      },
      signal,
    );
    for (const name of names) {
      await storage.remove(name);
      await storage.remove(signatureName(name));
    }
  }

  async #stored(name: string, sha256: string): Promise<Stored> {
    return { bytes: (await this.#place.storage.stat(name))?.bytes ?? 0, sha256 };
  }

  async #seen(serverId: string): Promise<Map<string, string>> {
    const { db, storageId } = this.#place;
    const query = db.selectFrom('ledger_lists').select(['name', 'sha256']).where('storage_id', '=', storageId);
    return new Map((await query.where('server_id', '=', serverId).execute()).map(({ name, sha256 }) => [name, sha256]));
  }

  /** Takes in lists the database does not know: another agent's, and ours of which it did not hear before a crash. What is not signed by us is none. */
  async catchUp(serverId: string, signal: AbortSignal): Promise<void> {
    const { db, storage, storageId } = this.#place;
    const rows = await db
      .selectFrom('ledger_lists')
      .select(['name', 'previous_json', 'removals_read'])
      .where('storage_id', '=', storageId)
      .where('server_id', '=', serverId)
      .execute();
    const stale = new Set(rows.flatMap(({ name, removals_read }) => (removals_read === 0 ? [name] : [])));
    if (stale.size > 0) {
      const all = rows.map(({ name, previous_json }) => ({ name, previous: namesIn(previous_json).map((one) => ({ name: one })) }));
      const ordered = inOrder(all).flatMap(({ name }) => (stale.has(name) ? [name] : []));
      await rememberRemoved(this.#place, serverId, ordered, signal);
    }
    const known = new Set(rows.map(({ name }) => name));
    const found: ReadList[] = [];
    for await (const { name } of storage.list(runFolder(serverId))) {
      if (kindOf(name).kind !== 'list' || known.has(name)) continue;
      try {
        found.push(await readList(this.#place, name, signal));
      } catch (error) {
        // What is wrong with it is for `verify` to say; nothing is built on it.
        if (!(error instanceof AppError) || (error.code !== 'storage-corrupt' && error.code !== 'not-found')) throw error;
      }
    }
    await rememberLists(this.#place, serverId, inOrder(found));
  }

  /** The lists that no other comes after. `without`: as if these were not. */
  async #heads(serverId: string, without: ReadonlySet<string>): Promise<NamedHash[]> {
    const { db, storageId } = this.#place;
    const query = db.selectFrom('ledger_lists').select(['name', 'sha256', 'previous_json']).where('storage_id', '=', storageId);
    const all = await query.where('server_id', '=', serverId).orderBy('name').execute();
    const rows = all.filter(({ name }) => !without.has(name));
    const followed = new Set(rows.flatMap(({ previous_json }) => namesIn(previous_json)));
    return rows.filter(({ name }) => !followed.has(name)).map(({ name, sha256 }) => ({ name, sha256 }));
  }

  /** `gitprotect.json` is nobody's and everybody's: each server's first list names it. */
  async #storageFile(standing: ReadonlyMap<string, string>, signal: AbortSignal): Promise<NamedHash[]> {
    if (standing.has(storageFile)) return [];
    const bytes = await bytesOf(await this.#place.storage.get(storageFile, { signal }), 1_000_000, storageFile);
    return [{ name: storageFile, sha256: createHash('sha256').update(bytes).digest('hex') }];
  }
}

/** What a list is to say. `named`: all that is listed then, also what was before. */
interface NextList extends Omit<LedgerList, 'previous'> {
  readonly id: string;
  readonly named: readonly NamedHash[];
}

const sizeLimit = 500_000_000;

function namesIn(json: string): string[] {
  const names: unknown = JSON.parse(json);
  return Array.isArray(names) ? names.map(String) : [];
}

/** The last of each name. */
function unique(objects: readonly NamedHash[]): NamedHash[] {
  return [...new Map(objects.map((one) => [one.name, one])).values()];
}
