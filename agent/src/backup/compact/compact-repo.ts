import { AppError } from '@gitprotect/shared/errors';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { bundlesMerged, metadataMerged, type ReadableManifest, type RepoChains } from '../../catalogue/chains.ts';
import type { Link, MetadataLink } from '../../catalogue/manifest.ts';
import type { MergeRecord } from '../../catalogue/merge-record.ts';
import { type Merge, partsOf } from '../../catalogue/merges.ts';
import type { NamedHash } from '../../catalogue/ledger-list.ts';
import type { Clock } from '../../lib/clock.ts';
import { kindOf, newBundleName, newMetadataName, type RepoPlace, snapshotId } from '../../storage/layout.ts';
import { mergeBundles, type MergePlace } from './merge-bundles.ts';
import { mergeMetadata } from './merge-metadata.ts';
import { neighboursToMerge } from './neighbours.ts';

export interface CompactPlace extends MergePlace {
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  /** Of the step of upkeep that compacts. */
  readonly id: string;
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
export async function* compactRepo(repo: RepoPlace, place: CompactPlace, signal: AbortSignal): AsyncGenerator<MadeMerge, void> {
  const last = await place.catalogue.latest(repo);
  if (last === undefined) return;
  for (const of of ['bundles', 'metadata'] as const)
    for (let before = Infinity; ;) {
      const chains = await place.catalogue.chains(repo, { signal });
      const { manifest } = await place.catalogue.manifest(last, { signal });
      const length = (of === 'bundles' ? manifest.chain : (manifest.metadata?.chain ?? [])).length;
      // A merge that makes a chain no shorter is not believed by who reads it: no reason to make more of them.
      const made = length < before ? await mergeOnce({ of, repo, manifest, chains }, place, signal) : null;
      if (made === null) break;
      yield made;
      before = length;
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
  const merges = chains.records.filter(({ ours }) => ours);
  let record: MergeRecord;
  let objects: number;
  if (of === 'bundles') {
    const neighbours = dueIn(manifest.chain);
    if (neighbours.length === 0) return null;
    const result = await mergeBundles(neighbours, newBundleName(repo, idOf(neighbours)), place, signal);
    objects = neighbours.length;
    record = { ...header, of, result, parts: flat(neighbours, bundlesMerged(merges)) };
  } else {
    const neighbours = dueIn(manifest.metadata?.chain ?? []);
    if (neighbours.length === 0) return null;
    const result = await mergeMetadata(neighbours, newMetadataName(repo, idOf(neighbours)), place, signal);
    objects = neighbours.length;
    record = { ...header, of, result, parts: flat(neighbours, metadataMerged(merges)) };
  }
  const { result } = record;
  try {
    return { of, objects, bytes: result.bytes, added: await place.catalogue.addMerge(record, { id: place.id, signal }) };
  } catch (error) {
    if (error instanceof AppError && error.code === 'storage-exists') return null;
    throw error;
  }
}

/** The links to merge now. One that a snapshot reads only in part is left as it is. */
function dueIn<L extends Link | MetadataLink>(chain: readonly L[]): readonly L[] {
  const start = chain.findLastIndex((link) => 'skip' in link) + 1;
  const run = neighboursToMerge(chain.slice(start));
  return run === null ? [] : chain.slice(start + run.from, start + run.to);
}

const flat = <L extends Link | MetadataLink>(neighbours: readonly L[], merges: readonly Merge<L>[]) =>
  partsOf(neighbours, merges).map(({ link, first, last }) => ({ ...link, first, last }));

/** The snapshot that the last of them came with. */
function idOf(neighbours: readonly (Link | MetadataLink)[]): string {
  const kind = kindOf(neighbours.at(-1)?.object ?? '');
  return kind.kind === 'bundle' || kind.kind === 'metadata' ? kind.id : snapshotId(0);
}
