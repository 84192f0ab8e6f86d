import { AppError } from '@gitprotect/shared/errors';
import type { RestoreReport } from '@gitprotect/shared/snapshot';
import { resolve } from 'node:path';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Manifest } from '../catalogue/manifest.ts';
import type { Entry } from '../catalogue/snapshot-row.ts';
import type { Clock } from '../lib/clock.ts';
import type { ChainPlace } from './chain-packs.ts';
import { writeLayout, type Written } from './exit/to-layout.ts';
import { archiveOf, recordsOf } from './live-record.ts';
import { writeLfs } from './lfs/to-layout.ts';
import { newFolder } from './new-folder.ts';
import { rebuildSnapshot, type RebuildOptions } from './rebuild.ts';
import { stillWhole } from './still-whole.ts';

/** What a restore reads from. `storage` is the plain one. */
export interface RestorePlace extends ChainPlace {
  readonly catalogue: Catalogue;
  readonly clock: Clock;
}

/**
 * Restores a snapshot as a bare repo into `folder`, which must be empty or not there. The folder appears only when the rebuild is done, and is
 * compared with the manifest first; what the comparison found is in the report.
 * @throws AppError `folder-not-empty`, `backup-damaged` naming the object and the newest snapshot that does without it
 */
export async function restoreToFolder(place: RestorePlace, entry: Entry, folder: string, options: RebuildOptions): Promise<RestoreReport> {
  const started = place.clock.now();
  const { signal } = options.host;
  try {
    const resolved = await place.catalogue.manifest(entry, { signal });
    const { verified, differences, fsck, bytes, lfs, beside } = await newFolder(folder, async (dir) => ({
      ...(await rebuildSnapshot(dir, resolved, place, options)),
      lfs: await writeLfs(dir, resolved.manifest, place, signal),
      beside: await besideGit(dir, resolved.manifest, place, signal),
    }));
    return {
      snapshot: entry.snapshot,
      folder: resolve(folder),
      refs: resolved.refs.size,
      differences: [...differences, ...beside.problems],
      fsck,
      // What the server had lost before is no fault of this restore.
      verified: verified && beside.problems.length === 0 && lfs.missing.length <= (resolved.manifest.lfs?.missing.length ?? 0),
      bytes,
      lfs,
      records: beside.records,
      pullRequests: beside.pullRequests,
      milliseconds: place.clock.now() - started,
    };
  } catch (error) {
    const object = error instanceof AppError && error.code === 'backup-damaged' ? error.facts['object'] : undefined;
    if (!(error instanceof AppError) || typeof object !== 'string') throw error;
    throw await withAdvice(error, place, entry, { object, signal });
  }
}

async function besideGit(dir: string, manifest: Manifest, place: RestorePlace, signal: AbortSignal): Promise<Written> {
  if (manifest.metadata === null) return { records: 0, pullRequests: 0, problems: [] };
  const records = recordsOf(manifest, place, signal);
  return writeLayout(dir, { of: archiveOf(manifest), kinds: manifest.metadata.kinds, records }, signal);
}

async function withAdvice(
  error: AppError,
  place: RestorePlace,
  entry: Entry,
  which: { object: string; signal: AbortSignal },
): Promise<AppError> {
  const { id, projectKey, slug } = entry.snapshot;
  const whole = await stillWhole(place, entry.snapshot, which);
  const advice = whole === undefined ? 'no other snapshot does without it' : `snapshot ${whole.id} of ${whole.takenAt} does without it`;
  return new AppError('backup-damaged', `snapshot ${id} of ${projectKey}/${slug} cannot be restored: ${error.message}; ${advice}`, {
    remedy:
      whole === undefined
        ? 'put the object back from a copy of the storage, and back up again now'
        : `restore snapshot ${whole.id}, or put the object back from a copy of the storage`,
    facts: error.facts,
    cause: error,
  });
}
