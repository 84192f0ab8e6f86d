import { createHash } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import { bytesOf } from '../storage/bytes.ts';
import type { Storage } from '../storage/storage.ts';
import type { NamedHash } from './ledger-list.ts';

/** A snapshot that is about to be committed, with everything it adds to storage. */
export interface Commit {
  readonly serverId: string;
  readonly runId: string;
  readonly manifest: NamedHash;
  readonly beside: readonly NamedHash[];
}

/**
 * Notes what a commit will add, before it is done: a run that is killed before it writes its list leaves snapshots that no list names, and only what was
 * noted here is put into a later one. Storage alone is not believed: whoever can write there could have our signature for what he made.
 */
export async function noteUnlisted(db: Database, { serverId, runId, manifest, beside }: Commit): Promise<void> {
  const rows = [manifest, ...beside].map(({ name, sha256 }) => ({
    server_id: serverId,
    run_id: runId,
    manifest: manifest.name,
    name,
    sha256,
  }));
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('unlisted').where('manifest', '=', manifest.name).execute();
    for (const row of rows) await transaction.insertInto('unlisted').values(row).execute();
  });
}

/** What commits of runs that have ended, but for `runId`, added without any list. Those that were noted and never done are forgotten. */
export async function adoptable(
  { db, storage }: { readonly db: Database; readonly storage: Storage },
  serverId: string,
  runId: string,
  signal: AbortSignal,
): Promise<NamedHash[]> {
  const running = db.selectFrom('runs').select('id').where('state', '=', 'running');
  const rows = await db
    .selectFrom('unlisted')
    .selectAll()
    .where('server_id', '=', serverId)
    .where('run_id', '!=', runId)
    .where('run_id', 'not in', running)
    .execute();
  const found: NamedHash[] = [];
  for (const [manifest, objects] of Map.groupBy(rows, (row) => row.manifest)) {
    const expected = objects.find(({ name }) => name === manifest)?.sha256;
    if ((await hashOf(storage, manifest, signal)) === expected) found.push(...objects.map(({ name, sha256 }) => ({ name, sha256 })));
    else await db.deleteFrom('unlisted').where('manifest', '=', manifest).execute();
  }
  return found;
}

/** They are in a list now. */
export async function forgetUnlisted(db: Database, listed: readonly NamedHash[]): Promise<void> {
  for (let from = 0; from < listed.length; from += atATime) {
    const some = JSON.stringify(listed.slice(from, from + atATime).map(({ name, sha256 }) => [name, sha256]));
    await sql`delete from unlisted where (name, sha256) in (select value ->> 0, value ->> 1 from json_each(${some}))`.execute(db);
  }
}

const atATime = 5000;

async function hashOf(storage: Storage, name: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const bytes = await bytesOf(await storage.get(name, { signal }), 1_000_000_000, name);
    return createHash('sha256').update(bytes).digest('hex');
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return undefined;
    throw error;
  }
}
