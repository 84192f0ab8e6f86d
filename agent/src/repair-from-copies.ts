import { repair, type Repaired } from './backup/copy/repair.ts';
import type { Database } from './db/database.ts';
import type { Place } from './place.ts';
import type { ServerStore } from './servers/server-store.ts';
import type { StorageStore } from './storages/storage-store.ts';

interface RepairFrom {
  readonly db: Database;
  readonly storages: StorageStore;
  readonly servers: Pick<ServerStore, 'list'>;
  readonly place: (signal: AbortSignal) => Promise<Place>;
}

/** Puts back from every storage that plans copy to what is missing or damaged in the one in use. */
export async function repairFromCopies({ db, storages, servers, place }: RepairFrom, signal: AbortSignal): Promise<Repaired> {
  const { plain, ledger } = await place(signal);
  const ids = await db.selectFrom('plans').select('copy_to').where('copy_to', 'is not', null).distinct().execute();
  const copies = [];
  for (const { copy_to: id } of ids) {
    if (id === null) continue;
    const { name } = await storages.get(id);
    copies.push({ name, storage: (await storages.open(id, { first: false })).storage });
  }
  const serverIds = (await servers.list()).map((server) => server.id);
  return repair({ storage: plain, ledger, serverIds, copies, signal });
}
