import { bundleFolder, mergeName, metadataFolder, type RepoPlace } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import type { ManifestPlace } from './manifest-object.ts';
import type { Link, Manifest, MetadataLink } from './manifest.ts';
import { type MergeRecord, readMerges, type StoredMerge } from './merge-record.ts';
import { type IsThere, type Merge, type ReadLink, resolveBundles, resolveMetadata } from './merges.ts';

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
  const forged = records.filter(({ ours }) => !ours).map(({ sequence }) => `${mergeName(repo, sequence)} is not signed by this agent`);
  const read = (manifest: Manifest, by: readonly MergeRecord[]) => {
    const git = resolveBundles(manifest.chain, bundlesMerged(by), isThere);
    const beside = resolveMetadata(manifest.metadata?.chain ?? [], metadataMerged(by), isThere);
    return { git, beside, whole: [...git.links, ...beside.links].every(isThere) };
  };
  const trusted = records.filter(({ ours }) => ours);
  return {
    records,
    last,
    damage,
    resolve: (manifest) => {
      const best = read(manifest, trusted);
      // A record that somebody else has written counts only where there is nothing else to be had.
      const other = best.whole || forged.length === 0 ? undefined : read(manifest, records);
      const rest = other?.whole === true ? other : undefined;
      const { git, beside } = rest ?? best;
      return {
        manifest: {
          ...manifest,
          chain: [...git.links],
          metadata: manifest.metadata === null ? null : { ...manifest.metadata, chain: [...beside.links] },
        },
        merges: [...git.merges, ...beside.merges].map((sequence) => mergeName(repo, sequence)),
        damage: [
          ...damage,
          ...(rest === undefined ? forged : []),
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
