import { mergeFolder, type RepoPlace } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import type { Ledger } from './ledger.ts';

/**
 * In words, a record of a repo's merges that the signed lists name and storage has not; `null` for none. Nobody knows then what its result stands
 * for: snapshots from before may need it, and nothing that is merged or removed meanwhile could be had back with the record.
 */
export async function goneMerge(
  { storage, ledger }: { readonly storage: Storage; readonly ledger: Pick<Ledger, 'standing'> },
  repo: RepoPlace,
  signal: AbortSignal,
): Promise<string | null> {
  const folder = mergeFolder(repo);
  // Lists first: what is removed in between was taken out of them before.
  const listed = [...(await ledger.standing(repo.serverId, signal)).keys()].filter((name) => name.startsWith(folder));
  const there = new Set<string>();
  if (listed.length > 0) for await (const { name } of storage.list(folder)) there.add(name);
  const gone = listed.find((name) => !there.has(name));
  return gone === undefined ? null : `${gone} is not in storage, though a signed list names it: put it back from a copy`;
}
