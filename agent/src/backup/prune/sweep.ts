import { holdsKnown } from '../../catalogue/holds.ts';
import type { StoredMark } from '../../catalogue/marks.ts';
import { manifestName } from '../../storage/layout.ts';
import { letGo } from '../../storage/let-go.ts';
import type { Decision } from './decide.ts';
import type { PruneParts, PrunePlace } from './prune-place.ts';
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

/** What goes of a mark. A signed list says `names` before they are removed. */
export interface Leaving {
  readonly names: readonly string[];
  readonly remove: () => Promise<Swept>;
}

/** Those of a mark's objects that are still unneeded and belong to no repo alone. `unneeded`: name -> bytes. */
export function leavingObjects(
  mark: Pick<StoredMark, 'objects'>,
  unneeded: ReadonlyMap<string, number>,
  { storage }: PrunePlace,
  signal: AbortSignal,
): Leaving {
  const names = mark.objects.filter((name) => unneeded.has(name));
  const remove = async (): Promise<Swept> => {
    const swept = { ...nothingSwept };
    for (const name of names) {
      signal.throwIfAborted();
      if (await letGo(() => storage.remove(name))) {
        swept.objects += 1;
        swept.bytes += unneeded.get(name) ?? 0;
      } else swept.refused += 1;
    }
    return swept;
  };
  return { names, remove };
}

/**
 * What a mark names and nobody wants back: manifests go first, from then on the snapshots do not exist, then objects. Whatever is marked is judged anew;
 * after a crash at any step the same is done again.
 */
export function leavingOfRepo(
  mark: Pick<StoredMark, 'snapshots' | 'objects'>,
  { stored, decision }: { readonly stored: RepoObjects; readonly decision: Decision },
  { place, db }: Pick<PruneParts, 'place' | 'db'>,
  signal: AbortSignal,
): Leaving {
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
  const remove = async (): Promise<Swept> => {
    const gone = new Set<string>();
    let refused = 0;
    // The newest first: a list of refs that others are the difference from goes after them, and not at all while one of them stays.
    for (const id of [...leaving].toSorted().toReversed()) {
      signal.throwIfAborted();
      // Somebody may have held it since it was judged, also while others went.
      if ((await holdsKnown(db, repo)).some(({ snapshotId }) => snapshotId === id)) continue;
      refused += 1;
      if ([...snapshots.values()].some(({ id: other, base }) => base === id && !gone.has(other))) continue;
      if (!(await letGo(() => place.catalogue.remove({ ...repo, id })))) continue;
      gone.add(id);
      refused -= 1;
    }
    const swept = { snapshots: gone.size, objects: 0, bytes: 0, refused };
    for (const name of unneeded(gone)) {
      signal.throwIfAborted();
      if (await letGo(() => place.storage.remove(name))) {
        swept.objects += 1;
        swept.bytes += objects.get(name) ?? 0;
      } else swept.refused += 1;
    }
    return swept;
  };
  return { names: [...[...leaving].map((id) => manifestName(repo, id)), ...unneeded(leaving)], remove };
}
