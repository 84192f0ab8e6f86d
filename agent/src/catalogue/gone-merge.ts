import { mergeFolder, type RepoPlace } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import type { Ledger } from './ledger.ts';

interface MergePlace {
  readonly storage: Storage;
  readonly ledger: Pick<Ledger, 'standingBelow' | 'catchUp'>;
}

/**
 * In words, a record of a repo's merges that the signed lists name and storage has not; `null` for none. Nobody knows then what its result stands
 * for: snapshots from before may need it, and nothing that is merged or removed meanwhile could be had back with the record. The lists are those that
 * were read; they are caught up before anything is said to be gone.
 */
export async function goneMerge(place: MergePlace, repo: RepoPlace, signal: AbortSignal): Promise<string | null> {
  if ((await firstGone(place, repo)) === undefined) return null;
  // Another agent may have removed it since the lists were read.
  await place.ledger.catchUp(repo.serverId, signal);
  const gone = await firstGone(place, repo);
  return gone === undefined ? null : `${gone} is not in storage, though a signed list names it: put it back from a copy`;
}

async function firstGone({ storage, ledger }: MergePlace, repo: RepoPlace): Promise<string | undefined> {
  const folder = mergeFolder(repo);
  // Lists first: what is removed in between was taken out of them before.
  const listed = [...(await ledger.standingBelow(repo.serverId, folder)).keys()];
  const there = new Set<string>();
  if (listed.length > 0) for await (const { name } of storage.list(folder)) there.add(name);
  return listed.find((name) => !there.has(name));
}
