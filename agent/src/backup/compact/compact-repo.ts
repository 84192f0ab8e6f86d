import { AppError } from '@gitprotect/shared/errors';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { bundlesMerged, metadataMerged, type ReadableManifest, type RepoChains } from '../../catalogue/chains.ts';
import type { NamedHash } from '../../catalogue/ledger-list.ts';
import type { Link, MetadataLink } from '../../catalogue/manifest.ts';
import type { MergeRecord } from '../../catalogue/merge-record.ts';
import { type Merge, partsOf } from '../../catalogue/merges.ts';
import type { Entry } from '../../catalogue/snapshot-row.ts';
import type { Clock } from '../../lib/clock.ts';
import { kindOf, newBundleName, newMetadataName, type RepoPlace, snapshotId } from '../../storage/layout.ts';
import { mergeBundles, type MergePlace } from './merge-bundles.ts';
import { mergeMetadata } from './merge-metadata.ts';
import { neighboursToMerge } from './neighbours.ts';

export interface CompactPlace extends MergePlace {
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  /** Of the compaction; its list in the ledger is named by it. */
  readonly id: string;
  /** Told before a merge is committed. */
  readonly note: () => Promise<void>;
}

/** One merge that was made. */
export interface MadeMerge {
  readonly of: MergeRecord['of'];
  /** Objects that became one. */
  readonly objects: number;
  /** Sealed bytes of that one. */
  readonly bytes: number;
  /** What it added to storage: the merged object, and its record. */
  readonly added: readonly NamedHash[];
}

/**
 * Merges neighbours in the chains of a repo's last snapshot until both are short, and says each merge as it is committed. The merged object is
 * written and read back first; its record, by a create-only write, comes last. What another agent merges or prunes meanwhile is no error: its
 * merge stands, and ours is an orphan.
 * @throws AppError `backup-damaged` naming an object that cannot be read
 */
export async function* compactRepo(last: Entry, place: CompactPlace, signal: AbortSignal): AsyncGenerator<MadeMerge, void> {
  const repo: RepoPlace = last.snapshot;
  const { written } = await place.catalogue.manifest(last, { signal });
  for (const kind of ['bundles', 'metadata'] as const) {
    let before = Infinity;
    for (;;) {
      const chains = await place.catalogue.chains(repo, { signal });
      const { manifest, unsigned } = chains.resolve(written);
      // What nobody of ours has vouched for is not merged into something that we sign.
      if (unsigned !== null) return;
      const { length } = chainsIn(manifest)[kind];
      // A merge that makes a chain no shorter is not believed by who reads it: no reason to make more of them.
      const made = length < before ? await mergeOnce({ of: kind, repo, manifest, chains }, place, signal) : null;
      if (made === null) break;
      yield made;
      before = length;
    }
  }
}

interface Todo {
  readonly of: MergeRecord['of'];
  readonly repo: RepoPlace;
  readonly manifest: ReadableManifest;
  readonly chains: RepoChains;
}

async function mergeOnce({ of, repo, manifest, chains }: Todo, place: CompactPlace, signal: AbortSignal): Promise<MadeMerge | null> {
  const header = {
    format: 1 as const,
    server: { id: repo.serverId },
    repo: { id: repo.repoId },
    sequence: chains.last + 1,
    madeAt: new Date(place.clock.now()).toISOString(),
  };
  if (header.sequence > lastNumber) throw usedUp(repo);
  const merges = chains.records.filter(({ ours }) => ours);
  const due = dueIn(manifest);
  if (due[of].length === 0) return null;
  let record: MergeRecord;
  if (of === 'bundles') {
    const result = await mergeBundles(due.bundles, newBundleName(repo, idOf(due.bundles)), place, signal);
    record = { ...header, of, result, parts: flat(due.bundles, bundlesMerged(merges)) };
  } else {
    const result = await mergeMetadata(due.metadata, newMetadataName(repo, idOf(due.metadata)), place, signal);
    record = { ...header, of, result, parts: flat(due.metadata, metadataMerged(merges)) };
  }
  try {
    await place.note();
    const added = await place.catalogue.addMerge(record, { id: place.id, signal });
    return { of, objects: due[of].length, bytes: record.result.bytes, added };
  } catch (error) {
    if (error instanceof AppError && error.code === 'storage-exists') return null;
    throw error;
  }
}

/** Names have eight digits. */
const lastNumber = 99_999_999;

function usedUp({ serverId, repoId }: RepoPlace): AppError {
  return new AppError('backup-damaged', `repository ${repoId} (server ${serverId}) has a merge with the last number there is`, {
    remedy: 'no compaction makes that many: find out who else can write to the storage, and remove that object',
  });
}

/** The chains of a snapshot as far as they may be merged. One that begins in another repo, or is read only in part, is left as it is up to there. */
export function chainsIn({ server, repo, chain, metadata }: ReadableManifest): {
  readonly bundles: readonly Link[];
  readonly metadata: readonly MetadataLink[];
} {
  const isFree = (link: Link | MetadataLink): boolean => {
    const kind = kindOf(link.object);
    return !('skip' in link) && 'repoId' in kind && kind.serverId === server.id && kind.repoId === repo.id;
  };
  const tail = <L extends Link | MetadataLink>(links: readonly L[]): readonly L[] =>
    links.slice(links.findLastIndex((link) => !isFree(link)) + 1);
  return { bundles: tail(chain), metadata: tail(metadata?.chain ?? []) };
}

/** The links to merge now. */
function dueIn(manifest: ReadableManifest): ReturnType<typeof chainsIn> {
  const { bundles, metadata } = chainsIn(manifest);
  return { bundles: run(bundles), metadata: run(metadata) };
}

function run<L extends Link | MetadataLink>(chain: readonly L[]): readonly L[] {
  const neighbours = neighboursToMerge(chain);
  return neighbours === null ? [] : chain.slice(neighbours.from, neighbours.to);
}

const flat = <L extends Link | MetadataLink>(neighbours: readonly L[], merges: readonly Merge<L>[]) =>
  partsOf(neighbours, merges).map(({ link, first, last }) => ({ ...link, first, last }));

/** The snapshot that the last of them came with. */
function idOf(neighbours: readonly (Link | MetadataLink)[]): string {
  const kind = kindOf(neighbours.at(-1)?.object ?? '');
  return kind.kind === 'bundle' || kind.kind === 'metadata' ? kind.id : snapshotId(0);
}
