import { AppError, asAppError, fixedBy } from '@gitprotect/shared/errors';
import { askBatch, largestBatch, type BatchedObject, type LfsObject } from '../../bitbucket/lfs/batch.ts';
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
const attempts = 3;
const pauseSeconds = 1;

/** Uploads a snapshot's large files, straight from storage, those that the server lacks. The repo must take large files (its `lfs` switch). */
export async function uploadLfs(manifest: Manifest, place: ChainPlace, target: LfsTarget): Promise<UploadedLfs> {
  const failed: { oid: string; why: string }[] = [];
  let done = 0;
  const unsaved = new Map((manifest.lfs?.missing ?? []).map(({ oid, why }) => [oid, `the backup does not have it: ${why}`]));
  const many = async (objects: readonly LfsObject[]): Promise<void> => {
    const batch = await ask(objects, target);
    await atOnce(batch, streams, async (object) => {
      try {
        await uploadOne(object, () => openLfs(manifest.server.id, object.oid, place, target.signal), target);
        done += 1;
        target.onProgress?.(done);
      } catch (error) {
        target.signal.throwIfAborted();
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
    await many(waiting);
    waiting = [];
  }
  if (waiting.length > 0) await many(waiting);
  return { objects: done, failed };
}

const ask = async (objects: readonly LfsObject[], target: LfsTarget): Promise<BatchedObject[]> => {
  const { line, repo, token, signal } = target;
  return patiently(target, () => askBatch(line, { repo, operation: 'upload', objects, token, signal }));
};

async function uploadOne(batched: BatchedObject, open: () => AsyncIterable<Uint8Array>, target: LfsTarget): Promise<void> {
  const { line, repo, token, signal } = target;
  let object: BatchedObject | undefined = batched;
  await patiently(target, async (attempt) => {
    // An address holds for a while only, and what broke off may have arrived: another attempt asks anew.
    if (attempt > 1) [object] = await askBatch(line, { repo, operation: 'upload', objects: [batched], token, signal });
    const error = object === undefined ? 'the server says nothing of it' : object.error;
    if (object === undefined || error !== null) throw new AppError('server-refused', `the server does not take it: ${error}`);
    await upload(line, object, open, { token, signal });
  });
}

/** As one user there is nothing but waiting when the server throttles. What else may pass is tried again a few times. */
async function patiently<T>({ clock, signal }: LfsTarget, work: (attempt: number) => Promise<T>): Promise<T> {
  let failures = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (caught) {
      signal.throwIfAborted();
      const error = asAppError(caught);
      const throttled = error.code === 'throttled';
      if (!throttled) failures += 1;
      if (fixedBy(error) !== 'later' || failures === attempts) throw caught;
      const usual = throttled ? usualPauseSeconds : pauseSeconds * 2 ** (failures - 1);
      await clock.sleep(Math.max(1, Number(error.facts['retryAfterSeconds'] ?? usual)) * 1000, signal);
    }
  }
}
