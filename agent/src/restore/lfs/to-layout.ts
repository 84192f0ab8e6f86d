import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError, asAppError } from '@gitprotect/shared/errors';
import type { RestoreReport } from '@gitprotect/shared/snapshot';
import type { Manifest } from '../../catalogue/manifest.ts';
import type { ChainPlace } from '../chain-packs.ts';
import { lfsOf, openLfs } from './stored-lfs.ts';

/**
 * Writes a snapshot's large files into the bare repo `dir` where git-lfs keeps them (`lfs/objects/ab/cd/abcd…`), so that `git lfs` in a clone of
 * it finds them. What is not in storage, or not whole, is listed with the reason; the others come all the same.
 */
export async function writeLfs(dir: string, manifest: Manifest, place: ChainPlace, signal: AbortSignal): Promise<RestoreReport['lfs']> {
  const lost = new Map(
    (manifest.lfs?.missing ?? []).map(({ oid, path, why }) => [oid, `${path ?? oid}: the server did not have it (${why})`]),
  );
  const missing: string[] = [];
  let objects = 0;
  for await (const { oid } of damageTo(missing, lfsOf(manifest, place, signal))) {
    const file = join(dir, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
    try {
      await mkdir(dirname(file), { recursive: true });
      await pipeline(openLfs(manifest.server.id, oid, place, signal), createWriteStream(`${file}.part`), { signal });
      await rename(`${file}.part`, file);
      objects += 1;
    } catch (caught) {
      signal.throwIfAborted();
      await rm(`${file}.part`, { force: true });
      const error = asAppError(caught);
      if (error.code !== 'not-found' && error.code !== 'storage-corrupt') throw caught;
      missing.push(lost.get(oid) ?? `${oid}: ${error.message}`);
    }
  }
  return { objects, missing };
}

/** A list that is damaged gives what can be read of it: git's part is whole all the same. */
async function* damageTo<T>(missing: string[], list: AsyncIterable<T>): AsyncGenerator<T, void> {
  try {
    yield* list;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'backup-damaged') throw error;
    missing.push(`the list of large files is damaged: ${error.message}`);
  }
}
