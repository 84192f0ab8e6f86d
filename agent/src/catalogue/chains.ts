import { bundleFolder, mergeName, metadataFolder, type RepoPlace } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import type { ManifestPlace } from './manifest-object.ts';
import type { Link, Manifest, MetadataLink } from './manifest.ts';
import { type MergeRecord, readMerges, type StoredMerge } from './merge-record.ts';
import { type IsThere, type Merge, type ReadLink, type ResolvedChain, resolveBundles, resolveMetadata } from './merges.ts';

/** A manifest with its chains as they are to be read now. */
export type ReadableManifest = Omit<Manifest, 'chain' | 'metadata'> & {
  readonly chain: ReadLink<Link>[];
  readonly metadata: (Omit<NonNullable<Manifest['metadata']>, 'chain'> & { readonly chain: ReadLink<MetadataLink>[] }) | null;
};

/** How the chains of one repo are read now: what was merged, and what is there. */
export interface RepoChains {
  readonly records: readonly StoredMerge[];
  /** The highest number of a merge; 0 for none. */
  readonly last: number;
  /** Records that cannot be read, and why. */
  readonly damage: readonly string[];
  resolve(manifest: Manifest): ResolvedChains;
}

export interface ResolvedChains {
  readonly manifest: ReadableManifest;
  /** Names of the records of merges it rests on. */
  readonly merges: readonly string[];
  /** In words, which merges it rests on that this agent has not signed; `null` for none. Nothing may be built on such a reading, or removed after it. */
  readonly unsigned: string | null;
  /** What is wrong with the repo's merges, though the snapshot is to be had without them. */
  readonly damage: readonly string[];
}

export interface ChainOptions {
  readonly signal: AbortSignal;
  /** See `readMerges`. */
  readonly known?: ReadonlyMap<string, StoredMerge> | undefined;
  /** Objects known to be damaged: as if they were not there. */
  readonly broken?: ReadonlySet<string> | undefined;
}

/** Reads the merges of a repo. */
export async function openChains(place: ManifestPlace, repo: RepoPlace, options: ChainOptions): Promise<RepoChains> {
  const { records, damaged, last } = await readMerges(place, repo, options);
  // Merges are read before what is there is looked at, so that what they say is seen with what it cost.
  const isThere = records.length === 0 ? () => true : await whatIsThere(place.storage, repo, options.broken);
  const damage = damaged.map(({ message }) => message);
  const forged = records.filter(({ ours }) => !ours).map(({ sequence }) => sequence);
  const trusted = records.filter(({ ours }) => ours);
  // A record that somebody else has written counts only where there is nothing else to be had: for git, and for what is beside it.
  const best = <L extends Link | MetadataLink>(read: (by: readonly MergeRecord[]) => ResolvedChain<L>): ResolvedChain<L> => {
    const ours = read(trusted);
    const any = forged.length === 0 || ours.links.every(isThere) ? ours : read(records);
    return any.links.every(isThere) ? any : ours;
  };
  return {
    records,
    last,
    damage,
    resolve: (manifest) => {
      const git = best((by) => resolveBundles(manifest.chain, bundlesMerged(by), isThere));
      const beside = best((by) => resolveMetadata(manifest.metadata?.chain ?? [], metadataMerged(by), isThere));
      const merges = [...git.merges, ...beside.merges];
      const used = forged.filter((sequence) => merges.includes(sequence)).map((sequence) => mergeName(repo, sequence));
      return {
        manifest: {
          ...manifest,
          chain: [...git.links],
          metadata: manifest.metadata === null ? null : { ...manifest.metadata, chain: [...beside.links] },
        },
        merges: merges.map((sequence) => mergeName(repo, sequence)),
        unsigned: used.length === 0 ? null : `it can be read only as ${used.join(', ')} says, which is not signed by this agent`,
        damage: [
          ...damage,
          ...forged.map((sequence) => `${mergeName(repo, sequence)} is not signed by this agent`),
          ...[...git.missing, ...beside.missing].map(({ object }) => `${object} is missing or cut off; what it was merged from is there`),
        ],
      };
    },
  };
}

/** The merges of bundles among these records. */
export function bundlesMerged(records: readonly MergeRecord[]): Merge<Link>[] {
  return records.flatMap((record) =>
    record.of === 'bundles' ? [{ ...record, parts: record.parts.map(({ first, last, ...link }) => ({ first, last, link })) }] : [],
  );
}

/** The merges of metadata among these records. */
export function metadataMerged(records: readonly MergeRecord[]): Merge<MetadataLink>[] {
  return records.flatMap((record) =>
    record.of === 'metadata' ? [{ ...record, parts: record.parts.map(({ first, last, ...link }) => ({ first, last, link })) }] : [],
  );
}

async function whatIsThere(storage: Storage, repo: RepoPlace, broken: ReadonlySet<string> = new Set()): Promise<IsThere> {
  const sizes = new Map<string, number>();
  for (const folder of [bundleFolder(repo), metadataFolder(repo)])
    for await (const { name, bytes } of storage.list(folder)) if (!broken.has(name)) sizes.set(name, bytes);
  return ({ object, bytes }) => sizes.get(object) === bytes;
}
