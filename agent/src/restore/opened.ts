import { AppError } from '@gitprotect/shared/errors';
import type { PrintedKey } from '@gitprotect/shared/recovery-key';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import type { Secret } from '../lib/secret.ts';
import { openAge } from '../storage/age.ts';
import { manifestName } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';

/** How many of these snapshots a key opens, by their manifests: as far as age's own check of the first piece, no further. */
export async function opened(
  storage: Storage,
  identity: Secret,
  snapshots: readonly Pick<Snapshot, 'serverId' | 'repoId' | 'id'>[],
  signal: AbortSignal,
): Promise<NonNullable<PrintedKey['opens']>> {
  let count = 0;
  for (const snapshot of snapshots) {
    const name = manifestName(snapshot, snapshot.id);
    try {
      for await (const _ of openAge(await storage.get(name, { signal }), identity, name)) break;
      count += 1;
    } catch (error) {
      if (!(error instanceof AppError) || !['storage-foreign', 'storage-corrupt', 'not-found'].includes(error.code)) throw error;
    }
  }
  return { snapshots: count, of: snapshots.length };
}
