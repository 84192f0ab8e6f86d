import { AppError } from '@gitprotect/shared/errors';
import type { StoredMark } from '../../catalogue/marks.ts';
import { newId } from '../../lib/id.ts';
import { manifestName } from '../../storage/layout.ts';
import type { Decision } from './decide.ts';
import type { PrunePlace } from './prune-place.ts';
import { neededBy, type RepoObjects } from './repo-objects.ts';

/** What became of what was to be removed. */
export interface Swept {
  readonly snapshots: number;
  readonly objects: number;
  readonly bytes: number;
  /** What the storage would not let go: an object may be locked for a while. */
  readonly refused: number;
}

export const nothingSwept: Swept = { snapshots: 0, objects: 0, bytes: 0, refused: 0 };

/** Removes those of a mark's objects that are still unneeded and belong to no repo alone. `unneeded`: name -> bytes. */
export async function sweepObjects(
  mark: Pick<StoredMark, 'objects'>,
  unneeded: ReadonlyMap<string, number>,
  { place, serverId }: { readonly place: PrunePlace; readonly serverId: string },
  signal: AbortSignal,
): Promise<Swept> {
  const names = mark.objects.filter((name) => unneeded.has(name));
  await sayRemoved(place, serverId, names, signal);
  const swept = { ...nothingSwept };
  for (const name of names) {
    signal.throwIfAborted();
    if (await letGo(() => place.storage.remove(name))) {
      swept.objects += 1;
      swept.bytes += unneeded.get(name) ?? 0;
    } else swept.refused += 1;
  }
  return swept;
}

/**
 * Removes what a mark names and nobody wants back: the signed list that says so first, then manifests, from then on the snapshots do not exist, then
 * objects. Whatever is marked is judged anew; after a crash at any step the same is done again.
 */
export async function sweepRepo(
  mark: Pick<StoredMark, 'snapshots' | 'objects'>,
  { stored, decision }: { readonly stored: RepoObjects; readonly decision: Decision },
  place: PrunePlace,
  signal: AbortSignal,
): Promise<Swept> {
  const { repo, snapshots, objects } = stored;
  const leaving = new Set(
    mark.snapshots.filter(({ id, sha256 }) => decision.goes.has(id) && snapshots.get(id)?.sha256 === sha256).map(({ id }) => id),
  );
  const unneeded = (gone: ReadonlySet<string>): string[] => {
    const needed = neededBy(
      stored,
      [...snapshots.keys()].filter((id) => !gone.has(id)),
    );
    return mark.objects.filter((name) => objects.has(name) && decision.unneeded.includes(name) && !needed.objects.has(name));
  };
  const manifests = [...leaving].map((id) => manifestName(repo, id));
  await sayRemoved(place, repo.serverId, [...manifests, ...unneeded(leaving)], signal);

  const gone = new Set<string>();
  // The newest first: a list of refs that others are the difference from goes after them, and not at all while one of them stays.
  for (const id of [...leaving].toSorted().toReversed()) {
    signal.throwIfAborted();
    if ([...snapshots.values()].some(({ id: other, base }) => base === id && !gone.has(other))) continue;
    if (await letGo(() => place.catalogue.remove({ ...repo, id }))) gone.add(id);
  }
  const swept = { snapshots: gone.size, objects: 0, bytes: 0, refused: leaving.size - gone.size };
  for (const name of unneeded(gone)) {
    signal.throwIfAborted();
    if (await letGo(() => place.storage.remove(name))) {
      swept.objects += 1;
      swept.bytes += objects.get(name) ?? 0;
    } else swept.refused += 1;
  }
  return swept;
}

/** Writes into the signed lists that these objects need not be there any more, as far as they name them. */
export async function sayRemoved({ ledger }: PrunePlace, serverId: string, names: readonly string[], signal: AbortSignal): Promise<void> {
  const listed = await ledger.standing(serverId, signal);
  const removed = names.filter((name) => listed.has(name));
  if (removed.length > 0) await ledger.append(serverId, { id: newId('prune'), added: [], removed }, signal);
}

/** Whether an object was removed. One that is locked stays until its time is over. */
export async function letGo(remove: () => Promise<void>): Promise<boolean> {
  try {
    await remove();
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'storage-read-only') return false;
    throw error;
  }
}
