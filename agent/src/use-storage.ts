import type { Rebuilt } from './catalogue/rebuild-rows.ts';
import type { Database } from './db/database.ts';
import type { Place } from './place.ts';
import type { StorageStore } from './storages/storage-store.ts';

export interface UseParts {
  readonly db: Database;
  readonly storages: StorageStore;
  readonly place: (signal: AbortSignal, storageId?: string, begin?: boolean) => Promise<Place>;
}

/**
 * Lets backups go to another storage from now on: the list of snapshots becomes that of what lies there. What runs remember of the storage before is
 * forgotten, but for a copy, which is the same storage in another place.
 * @throws AppError what is wrong with it; then nothing is changed
 */
export async function useStorage({ db, storages, place }: UseParts, id: string, signal: AbortSignal): Promise<Rebuilt> {
  const next = await place(signal, id, true);
  const before = await place(signal).catch(() => undefined);
  await storages.use(id);
  if (before?.id !== next.id) {
    await db.deleteFrom('meta').where('name', 'like', 'project_metadata %').execute();
    await db.deleteFrom('unfinished').execute();
    await db.deleteFrom('unlisted').execute();
  }
  return next.catalogue.rebuild({ signal });
}
