import { AppError } from '@gitprotect/shared/errors';
import { openChains, type ResolvedChains } from './chains.ts';
import { type ManifestPlace, readManifest } from './manifest-object.ts';
import { leanedOnName, type Manifest, repoOf } from './manifest.ts';
import { readOrDamaged } from './resolve-manifest.ts';

/** What a snapshot leans on, as it is to be read now. */
export type LeanedChain = Omit<ResolvedChains, 'manifest'> & Pick<ResolvedChains['manifest'], 'chain'>;

const nothing: LeanedChain = { chain: [], merges: [], unsigned: null, damage: [] };

/**
 * The chain of the snapshot that this one leans on; nothing where it stands alone.
 * @throws AppError `backup-damaged` when that snapshot's manifest is not there, or not the one it was
 */
export async function leanedChain(place: ManifestPlace, leaning: Manifest, { signal }: { signal: AbortSignal }): Promise<LeanedChain> {
  const name = leanedOnName(leaning);
  if (name === null) return nothing;
  const read = (other: string, sha256: string | undefined) => readManifest(place, other, { signal, sha256 });
  const { manifest: written } = await readOrDamaged(name, read, leaning.leansOn?.sha256);
  // One step only: no circle, and no long way to what a restore needs.
  if (written.leansOn !== null)
    throw new AppError('backup-damaged', `the record ${name} cannot be used: it leans on another one itself`, { facts: { object: name } });
  const { manifest, ...rest } = (await openChains(place, repoOf(written), { signal })).resolve(written);
  return { ...rest, chain: manifest.chain };
}
