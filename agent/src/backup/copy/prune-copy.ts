import { AppError } from '@gitprotect/shared/errors';
import type { Ledger } from '../../catalogue/ledger.ts';
import { decodeList } from '../../catalogue/ledger-list.ts';
import type { Removed } from '../../catalogue/ledger-removed.ts';
import type { Clock } from '../../lib/clock.ts';
import { bytesOf } from '../../storage/bytes.ts';
import { kindOf, runFolder, serverFolder } from '../../storage/layout.ts';
import { letGo } from '../../storage/let-go.ts';
import { damageOf } from '../../storage/damage-of.ts';
import type { Storage } from '../../storage/storage.ts';
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

/** What became of it. */
export interface CopyPruned {
  /** How many objects went. */
  readonly removed: number;
  /** Why what was pruned stays there, in words; `null` where nothing is in its way. */
  readonly kept: string | null;
}

/**
 * Removes from the copy of a server what was pruned from the first storage, and has been gone there, for so many days. To be called when the copy is whole, and so has the lists that say so.
 * Manifests go first, each before those that it may rest on; while one of them is locked, all else stays: a fork's may rest on another repo's.
 * Backups may have gone to the copy itself for a while, as to the storage in use: then what bears a pruned name there may be another object, and nothing goes.
 */
export async function pruneCopy(serverId: string, parts: CopyToPrune): Promise<CopyPruned> {
  const { from, to, ledger, waiting, clock, graceDays, signal } = parts;
  const standing = await ledger.standing(serverId, signal);
  const there: string[] = [];
  const lists: string[] = [];
  for await (const { name } of to.list(serverFolder(serverId))) {
    const { kind } = kindOf(name);
    if (kind === 'list') lists.push(name);
    if (prunable.has(kind) && !standing.has(name)) there.push(name);
  }
  const isByPruning = ({ list }: Removed): boolean => list.startsWith(`${runFolder(serverId)}prune_`);
  const pruned = new Map([...(await ledger.removed(there))].filter(([, one]) => isByPruning(one)));
  // Most days nothing was pruned: then the first storage is not looked at.
  const first = pruned.size === 0 ? new Set<string>() : await namesIn(from, serverId);
  const seen = { there, standing, pruned, first, since: await waiting.since() };
  const { due, since } = leavingNow(seen, clock.now(), graceDays);
  await waiting.save(since);
  const lacking = pruned.size === 0 ? [] : lists.filter((name) => !first.has(name));
  const own = await listOfItsOwn(lacking, standing, parts);
  if (own !== undefined) return { removed: 0, kept: `it has backups of its own, those of ${own}` };
  let removed = 0;
  for (const name of due) {
    signal.throwIfAborted();
    const { kind } = kindOf(name);
    if (numbered.has(kind) && (await damageOf(to, name, pruned.get(name)?.sha256 ?? '', signal)) !== null)
      return { removed, kept: `${name} is not the one that was pruned; if nobody else backs up to it, remove that object there` };
    if (await letGo(() => to.remove(name))) removed += 1;
    else if (kind === 'manifest') break;
  }
  return { removed, kept: null };
}

async function namesIn(storage: Storage, serverId: string): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const { name } of storage.list(serverFolder(serverId))) names.add(name);
  return names;
}

/** A list that the first storage lacks, but for one of its own that was damaged or lost there and given up. */
async function listOfItsOwn(
  lists: readonly string[],
  standing: ReadonlyMap<string, string>,
  { to, ledger, signal }: CopyToPrune,
): Promise<string | undefined> {
  const givenUp = await ledger.removed(lists);
  for (const name of lists) if (!givenUp.has(name) || (await saysOther(name, standing, { to, ledger, signal }))) return name;
  return undefined;
}

/** Whether a list says of a manifest or a merge what our lists do not. */
async function saysOther(
  list: string,
  standing: ReadonlyMap<string, string>,
  { to, ledger, signal }: Pick<CopyToPrune, 'to' | 'ledger' | 'signal'>,
): Promise<boolean> {
  try {
    const bytes = await bytesOf(await to.get(list, { signal }), sizeLimit, list);
    const said = decodeList(bytes, list).added.filter(({ name }) => numbered.has(kindOf(name).kind));
    const removed = await ledger.removed(said.map(({ name }) => name));
    return said.some(({ name, sha256 }) => (standing.get(name) ?? removed.get(name)?.sha256) !== sha256);
  } catch (error) {
    if (error instanceof AppError && (error.code === 'storage-corrupt' || error.code === 'not-found')) return true;
    throw error;
  }
}

/** What pruning removes; all else stays. */
const prunable: ReadonlySet<string> = new Set(['manifest', 'bundle', 'metadata', 'merge', 'lfs', 'project', 'mark', 'void']);

/** What has a number for a name: another agent's object may have the same. All others have names of their own, or are told by what is in them. */
const numbered: ReadonlySet<string> = new Set(['manifest', 'merge']);

const sizeLimit = 500_000_000;
