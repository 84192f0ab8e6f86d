import { AppError, asAppError } from '@gitprotect/shared/errors';
import { kindOf, mergeName, type RepoPlace, repoFolder, serversFolder } from '../storage/layout.ts';
import type { StoredObject } from '../storage/storage.ts';
import { type ManifestPlace, readManifest, type StoredManifest } from './manifest-object.ts';
import { openChains, type RepoChains } from './chains.ts';
import { objectsOf } from './manifest.ts';

/** A manifest found in storage, readable or not. */
export type Found = { readonly repo: RepoPlace; readonly name: string } & (
  | { readonly ok: true; readonly stored: StoredManifest }
  | { readonly ok: false; readonly error: AppError }
);

/** Reads every manifest in storage, or below `prefix`, one after the other. What is wrong with one of them is part of the answer; a storage that fails is thrown. */
export async function* survey(place: ManifestPlace, signal: AbortSignal, prefix = serversFolder): AsyncGenerator<Found> {
  for await (const { name } of place.storage.list(prefix)) {
    const kind = kindOf(name);
    if (kind.kind !== 'manifest') continue;
    const repo = { serverId: kind.serverId, repoId: kind.repoId };
    try {
      yield { ok: true, repo, name, stored: await readManifest(place, name, { signal }) };
    } catch (error) {
      signal.throwIfAborted();
      const known = asAppError(error);
      if (known.code !== 'storage-corrupt' && known.code !== 'storage-foreign' && known.code !== 'not-found') throw error;
      yield { ok: false, repo, name, error: known };
    }
  }
}

/** What no snapshot needs, and the repos where that cannot be told because a manifest there cannot be read. */
export interface Orphans {
  readonly objects: readonly StoredObject[];
  readonly undecided: readonly RepoPlace[];
}

export async function findOrphans(place: ManifestPlace, signal: AbortSignal): Promise<Orphans> {
  // Objects are listed before manifests are read: an object whose manifest comes in between is then needed, never an orphan.
  const candidates: StoredObject[] = [];
  for await (const object of place.storage.list(serversFolder))
    if (['bundle', 'metadata', 'merge'].includes(kindOf(object.name).kind)) candidates.push(object);
  const needed = new Set<string>();
  const undecided = new Map<string, RepoPlace>();
  const chainsOf = new Map<string, RepoChains>();
  for await (const found of survey(place, signal)) {
    const folder = repoFolder(found.repo);
    const chains = chainsOf.get(folder) ?? (await openChains(place, found.repo, { signal }));
    chainsOf.set(folder, chains);
    // The last record stays, so that numbers go on.
    if (chains.last > 0) needed.add(mergeName(found.repo, chains.last));
    const read = found.ok && chains.damage.length === 0 ? chains.resolve(found.stored.manifest) : null;
    if (read?.unsigned === null) for (const name of [...objectsOf(read.manifest), ...read.merges]) needed.add(name);
    else undecided.set(folder, found.repo);
  }
  const folders = [...undecided.keys()];
  const objects = candidates.filter(({ name }) => !needed.has(name) && !folders.some((folder) => name.startsWith(folder)));
  return { objects, undecided: [...undecided.values()] };
}
