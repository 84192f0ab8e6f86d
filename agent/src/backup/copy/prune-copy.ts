import type { Ledger } from '../../catalogue/ledger.ts';
import type { Clock } from '../../lib/clock.ts';
import { kindOf, serverFolder } from '../../storage/layout.ts';
import type { Storage } from '../../storage/storage.ts';
import { letGo } from '../prune/sweep.ts';
import { leavingNow } from './leaving.ts';

/** A copy from which goes what was pruned from the first storage. */
export interface CopyToPrune {
  /** The first storage. */
  readonly from: Storage;
  readonly to: Storage;
  readonly ledger: Pick<Ledger, 'standing' | 'pruned'>;
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
  // Most days nothing was pruned: then no list is read.
  const pruned = there.length === 0 ? new Set<string>() : await ledger.pruned(serverId, signal);
  const first = new Set<string>();
  if (pruned.size > 0) for await (const { name } of from.list(serverFolder(serverId))) first.add(name);
  const { due, since } = leavingNow({ there, standing, pruned, first, since: await waiting.since() }, clock.now(), graceDays);
  await waiting.save(since);
  let removed = 0;
  const manifests = due.filter(isManifest).toSorted().toReversed();
  for (const name of [...manifests, ...due.filter((one) => !isManifest(one))]) {
    signal.throwIfAborted();
    if (await letGo(() => to.remove(name))) removed += 1;
    else if (isManifest(name)) break;
  }
  return removed;
}

const isManifest = (name: string): boolean => kindOf(name).kind === 'manifest';

/** What pruning removes; all else stays. */
const prunable: ReadonlySet<string> = new Set(['manifest', 'bundle', 'metadata', 'merge', 'lfs', 'project']);
