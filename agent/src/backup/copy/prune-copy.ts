import type { Ledger } from '../../catalogue/ledger.ts';
import type { Clock } from '../../lib/clock.ts';
import { kindOf, runFolder, serverFolder } from '../../storage/layout.ts';
import type { Storage } from '../../storage/storage.ts';
import { letGo } from '../prune/sweep.ts';
import { leavingNow } from './leaving.ts';

/** A copy from which goes what was pruned from the first storage. */
export interface CopyToPrune {
  /** The first storage. */
  readonly from: Storage;
  readonly to: Storage;
  readonly ledger: Pick<Ledger, 'standing' | 'removed'>;
  /** Since when what is no longer needed waits, by name. */
  readonly waiting: { since(): Promise<ReadonlyMap<string, number>>; save(since: ReadonlyMap<string, number>): Promise<void> };
  readonly clock: Clock;
  readonly graceDays: number;
  readonly signal: AbortSignal;
}

/**
 * Removes from the copy of a server what was pruned from the first storage, and has been gone there, for so many days. To be called when the copy is whole, and so has the lists that say so.
 * Manifests go first, the newest of a repo before the older ones that it may rest on; while one of them is locked, all else stays: a fork's may rest on another repo's.
 * @returns how many objects went
 */
export async function pruneCopy(serverId: string, { from, to, ledger, waiting, clock, graceDays, signal }: CopyToPrune): Promise<number> {
  const standing = await ledger.standing(serverId, signal);
  const there: string[] = [];
  for await (const { name } of to.list(serverFolder(serverId)))
    if (prunable.has(kindOf(name).kind) && !standing.has(name)) there.push(name);
  const removed = await ledger.removed(there);
  const pruned = new Set([...removed].flatMap(([name, { list }]) => (list.startsWith(`${runFolder(serverId)}prune_`) ? [name] : [])));
  const first = new Set<string>();
  // Most days nothing was pruned: then the first storage is not looked at.
  if (pruned.size > 0) for await (const { name } of from.list(serverFolder(serverId))) first.add(name);
  const { due, since } = leavingNow({ there, standing, pruned, first, since: await waiting.since() }, clock.now(), graceDays);
  await waiting.save(since);
  let count = 0;
  const manifests = due.filter(isManifest).toSorted().toReversed();
  for (const name of [...manifests, ...due.filter((one) => !isManifest(one))]) {
    signal.throwIfAborted();
    if (await letGo(() => to.remove(name))) count += 1;
    else if (isManifest(name)) break;
  }
  return count;
}

const isManifest = (name: string): boolean => kindOf(name).kind === 'manifest';

/** What pruning removes; all else stays. */
const prunable: ReadonlySet<string> = new Set(['manifest', 'bundle', 'metadata', 'merge', 'lfs', 'project']);
