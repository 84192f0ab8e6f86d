import type { NamedHash } from '../../catalogue/ledger-list.ts';
import { newId } from '../../lib/id.ts';
import { damageOf } from '../../storage/damage-of.ts';
import type { PrunePlace } from './prune-place.ts';

/**
 * Puts into the signed lists again what one of them took out and what stays after all: the storage would not let it go, or the agent was killed before it
 * removed it, and since then somebody holds the snapshot, or needs the large file. Copies and repair go by the lists. With the SHA-256 that was signed before,
 * and only where the bytes still have it: storage alone is not believed, and the file may have been stored anew by a run that has yet to list it.
 * @param staying names of objects that are in storage, are needed, and stand in no list
 */
export async function listAgain(
  { storage, ledger }: PrunePlace,
  serverId: string,
  staying: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const added: NamedHash[] = [];
  for (const [name, { sha256 }] of await ledger.removed(staying))
    if ((await damageOf(storage, name, sha256, signal)) === null) added.push({ name, sha256 });
  if (added.length > 0) await ledger.append(serverId, { id: newId('prune'), added }, signal);
}
