import { asAppError } from '@gitprotect/shared/errors';
import { openChains } from '../../catalogue/chains.ts';
import type { MetadataLink } from '../../catalogue/manifest.ts';
import { idOf, type Manifest, storedIn } from '../../catalogue/manifest.ts';
import type { ManifestPlace, StoredManifest } from '../../catalogue/manifest-object.ts';
import { leanedChain } from '../../catalogue/leaned-chain.ts';
import { survey } from '../../catalogue/survey.ts';
import { kindOf, mergeName, repoFolder, type RepoPlace } from '../../storage/layout.ts';

const afterOtherKey =
  'after a lost vault put the agent’s own back, or keep this storage as it is and begin a new one; else find out who can write to the storage';

/** A snapshot as storage has it, without its list of refs, which may be long. */
export interface StoredSnapshot {
  readonly id: string;
  /** Of its sealed manifest. */
  readonly sha256: string;
  readonly takenAt: string;
  /** The snapshot whose list of refs it needs. */
  readonly base: string | null;
  /** Bundles and metadata as they are to be read now, and the records of merges that this rests on. */
  readonly needs: readonly string[];
  /** It holds something, and all it needs is there. */
  readonly good: boolean;
  readonly metadata: readonly MetadataLink[];
}

/** What lies in storage of one repo. */
export interface RepoObjects {
  readonly repo: RepoPlace;
  readonly snapshots: ReadonlyMap<string, StoredSnapshot>;
  /** Bundles, metadata and records of merges: name -> bytes. */
  readonly objects: ReadonlyMap<string, number>;
}

/**
 * Reads all manifests of a repo.
 * @param onRead told each of them
 * @param broken objects known to be damaged: what they were merged from is needed still
 * @returns the reason in words when one cannot be read, or only as somebody else's merge says: nobody knows then what it needs
 */
export async function readRepo(
  place: ManifestPlace,
  repo: RepoPlace,
  { onRead, broken }: { readonly onRead: (stored: StoredManifest) => Promise<void>; readonly broken: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<RepoObjects | { readonly undecided: string }> {
  // Listed before manifests are read: an object whose manifest comes in between is then needed.
  const objects = new Map<string, number>();
  for await (const { name, bytes } of place.storage.list(repoFolder(repo))) {
    signal.throwIfAborted();
    if (['bundle', 'metadata', 'merge'].includes(kindOf(name).kind)) objects.set(name, bytes);
  }
  const chains = await openChains(place, repo, { signal, broken });
  const [damage] = chains.damage;
  if (damage !== undefined) return { undecided: damage };
  // The last record stays, so that numbers go on.
  const lastMerge = chains.last === 0 ? [] : [mergeName(repo, chains.last)];
  const snapshots = new Map<string, StoredSnapshot>();
  const grounds = new Map<string | undefined, boolean>();
  for await (const found of survey(place, signal, repoFolder(repo))) {
    if (!found.ok) return { undecided: found.error.message };
    await onRead(found.stored);
    const { sha256 } = found.stored;
    const { manifest, merges, unsigned } = chains.resolve(found.stored.manifest);
    if (unsigned !== null) return { undecided: `snapshot ${idOf(manifest)}: ${unsigned}; ${afterOtherKey}` };
    const stored = storedIn(manifest);
    const { leansOn } = manifest;
    const ground = grounds.get(leansOn?.sha256) ?? (await isThere(place, found.stored.manifest, signal));
    grounds.set(leansOn?.sha256, ground);
    snapshots.set(idOf(manifest), {
      id: idOf(manifest),
      sha256,
      takenAt: new Date(manifest.takenAt).toISOString(),
      base: manifest.refs.base?.id ?? null,
      needs: [...stored.map(({ object }) => object), ...merges, ...lastMerge],
      good:
        manifest.refs.count > 0 &&
        manifest.lost.length === 0 &&
        ground &&
        stored.every(({ object, bytes }) => objects.get(object) === bytes),
      metadata: manifest.metadata?.chain ?? [],
    });
  }
  return { repo, snapshots, objects };
}

/** Whether all is there that a snapshot leans on. */
async function isThere(place: ManifestPlace, manifest: Manifest, signal: AbortSignal): Promise<boolean> {
  try {
    const { chain } = await leanedChain(place, manifest, { signal });
    for (const { object, bytes } of chain) if ((await place.storage.stat(object))?.bytes !== bytes) return false;
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (asAppError(error).code === 'backup-damaged') return false;
    throw error;
  }
}

/** The objects that these snapshots need, and those whose lists of refs they need. */
export function neededBy({ snapshots }: Pick<RepoObjects, 'snapshots'>, ids: Iterable<string>): { ids: Set<string>; objects: Set<string> } {
  const all = new Set<string>();
  for (const id of ids) {
    all.add(id);
    const base = snapshots.get(id)?.base;
    // A base has a whole list: it needs no other.
    if (base != null) all.add(base);
  }
  return { ids: all, objects: new Set([...all].flatMap((id) => snapshots.get(id)?.needs ?? [])) };
}
