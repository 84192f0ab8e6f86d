import { asAppError } from '@gitprotect/shared/errors';
import { askBatch, largestBatch, type LfsObject } from '../../bitbucket/lfs/batch.ts';
import type { LfsLine } from '../../bitbucket/lfs/line.ts';
import { upload } from '../../bitbucket/lfs/upload.ts';
import type { Manifest } from '../../catalogue/manifest.ts';
import { atOnce } from '../../lib/at-once.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Secret } from '../../lib/secret.ts';
import type { ChainPlace } from '../chain-packs.ts';
import { lfsOf, openLfs } from './stored-lfs.ts';

/** Where large files go. */
export interface LfsTarget {
  readonly line: LfsLine;
  readonly repo: { readonly projectKey: string; readonly slug: string };
  readonly token: Secret;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told after each file: how many are done. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

export interface UploadedLfs {
  /** On the server now, those that it had already among them. */
  readonly objects: number;
  /** Not there, and why. */
  readonly failed: readonly { readonly oid: string; readonly why: string }[];
}

const streams = 4;
const usualPauseSeconds = 5;

/** Uploads a snapshot's large files, straight from storage, those that the server lacks. The repo must take large files (its `lfs` switch). */
export async function uploadLfs(manifest: Manifest, place: ChainPlace, target: LfsTarget): Promise<UploadedLfs> {
  const failed: { oid: string; why: string }[] = [];
  let done = 0;
  const unsaved = new Map((manifest.lfs?.missing ?? []).map(({ oid, why }) => [oid, `the backup does not have it: ${why}`]));
  const one = async (objects: readonly LfsObject[]): Promise<void> => {
    const { line, repo, token, signal } = target;
    const batch = await patiently(target, () => askBatch(line, { repo, operation: 'upload', objects, token, signal }));
    await atOnce(batch, streams, async (object) => {
      try {
        if (object.error !== null) throw new Error(object.error);
        const open = async () => openLfs(manifest.server.id, object.oid, place, signal);
        await patiently(target, () => upload(line, object, open, { token, signal }));
        done += 1;
        target.onProgress?.(done);
      } catch (error) {
        signal.throwIfAborted();
        failed.push({ oid: object.oid, why: asAppError(error).message });
      }
    });
  };
  let waiting: LfsObject[] = [];
  for await (const object of lfsOf(manifest, place, target.signal)) {
    const why = unsaved.get(object.oid);
    if (why === undefined) waiting.push(object);
    else failed.push({ oid: object.oid, why });
    if (waiting.length < largestBatch) continue;
    await one(waiting);
    waiting = [];
  }
  if (waiting.length > 0) await one(waiting);
  return { objects: done, failed };
}

/** As one user there is nothing but waiting when the server throttles. */
async function patiently<T>({ clock, signal }: LfsTarget, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (caught) {
      signal.throwIfAborted();
      const error = asAppError(caught);
      if (error.code !== 'throttled') throw caught;
      await clock.sleep(Math.max(1, Number(error.facts['retryAfterSeconds'] ?? usualPauseSeconds)) * 1000, signal);
    }
  }
}
