import type { Snapshot } from '@gitprotect/shared/snapshot';
import { AppError } from '@gitprotect/shared/errors';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { objectsOf, storedIn } from '../catalogue/manifest.ts';
import type { Storage } from '../storage/storage.ts';

/**
 * The newest snapshot of a repo, other than `damaged`, that does without `object` and whose own objects are all there. Looks at names and sizes,
 * as it answers somebody who waits; only a rebuild proves more.
 */
export async function stillWhole(
  { catalogue, storage }: { readonly catalogue: Catalogue; readonly storage: Storage },
  damaged: Snapshot,
  { object, signal }: { readonly object: string; readonly signal: AbortSignal },
): Promise<Snapshot | undefined> {
  const { serverId, repoId } = damaged;
  const snapshots = await catalogue.list({ serverId, repoId });
  for (const snapshot of snapshots.toSorted((a, b) => b.id.localeCompare(a.id))) {
    if (snapshot.id === damaged.id) continue;
    try {
      const entry = await catalogue.find({ repo: { serverId, repoId }, snapshotId: snapshot.id });
      const { manifest } = await catalogue.manifest(entry, { signal });
      if (objectsOf(manifest).includes(object)) continue;
      const sizes = await Promise.all(storedIn(manifest).map(async (link) => (await storage.stat(link.object))?.bytes === link.bytes));
      if (sizes.every(Boolean)) return snapshot;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'backup-damaged') throw error;
    }
  }
  return undefined;
}
