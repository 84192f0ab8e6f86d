import type { Database } from '../db/database.ts';
import type { LedgerPlace } from './ledger.ts';

type Read = Pick<LedgerPlace, 'storageId'> & { readonly db: Pick<Database, 'selectFrom'> };

const atATime = 500;

/** What must be in storage of a server below a folder (`''`: all of it), as far as the database has read the lists: name -> SHA-256. */
export async function standingBelow({ db, storageId }: Read, serverId: string, folder: string): Promise<Map<string, string>> {
  const query = db.selectFrom('ledger_objects').select(['name', 'sha256']).where('storage_id', '=', storageId);
  // Names have letters, digits, dots, dashes and the like: all of them come before the tilde.
  const rows = await query.where('server_id', '=', serverId).where('name', '>=', folder).where('name', '<', `${folder}~`).execute();
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
}

/** Names of objects there that were not as written when they were last read. */
export async function damagedBelow({ db, storageId }: Read, serverId: string, folder: string): Promise<Set<string>> {
  const query = db.selectFrom('ledger_objects').select('name').where('storage_id', '=', storageId).where('server_id', '=', serverId);
  const rows = await query.where('name', '>=', folder).where('name', '<', `${folder}~`).where('problem', 'is not', null).execute();
  return new Set(rows.map(({ name }) => name));
}

/** What must be in storage of these names. */
export async function standingAmong({ db, storageId }: Read, serverId: string, names: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let from = 0; from < names.length; from += atATime) {
    const query = db.selectFrom('ledger_objects').select(['name', 'sha256']).where('storage_id', '=', storageId);
    const some = query.where('server_id', '=', serverId).where('name', 'in', names.slice(from, from + atATime));
    for (const { name, sha256 } of await some.execute()) found.set(name, sha256);
  }
  return found;
}
