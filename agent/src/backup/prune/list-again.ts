import type { NamedHash } from '../../catalogue/ledger-list.ts';
import { damageOf } from '../../storage/damage-of.ts';
import type { PrunePlace } from './prune-place.ts';

/**
 * What goes into the signed lists again, because one of them took it out and it stays after all: the storage would not let it go, or the agent was killed
 * before it removed it, and since then somebody holds the snapshot, or needs the large file. Copies and repair go by the lists. With the SHA-256 that was
 * signed before, and only where the bytes still have it: storage alone is not believed, and the file may have been stored anew by a run that has yet to list it.
 * @param staying names of objects that are in storage, are needed, and stand in no list; nobody may be removing them
 */
export async function toListAgain({ storage, ledger }: PrunePlace, staying: readonly string[], signal: AbortSignal): Promise<NamedHash[]> {
  const again: NamedHash[] = [];
  for (const [name, { sha256 }] of await ledger.removed(staying))
    if ((await damageOf(storage, name, sha256, signal)) === null) again.push({ name, sha256 });
  return again;
}
