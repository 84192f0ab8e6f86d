import { AppError, asAppError } from '@gitprotect/shared/errors';
import type { StorageProblem } from '@gitprotect/shared/proof';
import type { Snapshot, VerifyReport } from '@gitprotect/shared/snapshot';
import type { Clock } from '../lib/clock.ts';
import type { GitHost } from '../git/run-git.ts';
import { manifestName } from '../storage/layout.ts';
import { CheckedObjects, damaged } from './checked-objects.ts';
import { drill, type DrillOutcome } from './drill.ts';
import { lookOver } from './look-over.ts';
import type { ProofPlace } from './place.ts';
import { rememberFindings } from './proofs.ts';
import { recordDrills } from './record-drills.ts';

export interface VerifyOptions {
  /** Also rebuilds the newest snapshot of each repo in a scratch folder and compares it. */
  readonly drill: boolean;
  /** Also what is no snapshot's: the ledger, records of runs and drills. What is found is remembered. */
  readonly everything: boolean;
  /** Where drills rebuild; made, and emptied again. */
  readonly scratch: string;
  readonly host: GitHost;
  readonly clock: Clock;
  /** Told as it goes: snapshots, then objects, that are done. */
  readonly onProgress?: ((done: number, of: number, what: 'snapshots' | 'objects') => void) | undefined;
}

const storedAgain = 'run the plan: it stores the file again, where Bitbucket still has it; or put it back from a copy of the storage';

/**
 * Reads what these snapshots consist of and compares it with what was once written: every manifest with its list of refs, every bundle, every
 * object of metadata and every large file byte by byte, each once; then whatever else the ledger names. What is wrong is in the report; it rejects only when
 * the storage cannot be read at all.
 */
export async function verify(place: ProofPlace, snapshots: readonly Snapshot[], options: VerifyOptions): Promise<VerifyReport> {
  const { clock, onProgress, host } = options;
  const { signal } = host;
  const started = clock.now();
  const restorable = { catalogue: place.catalogue, storage: place.plain, keys: place.keys, clock };
  const checked = new CheckedObjects(restorable, signal);
  const problems: StorageProblem[] = [];
  const drills: { readonly serverId: string; readonly outcome: DrillOutcome }[] = [];
  let done = 0;
  const byRepo = Map.groupBy(snapshots, ({ serverId, repoId }) => `${serverId}/${repoId}`);
  for (const ofRepo of byRepo.values()) {
    const newest = ofRepo.toSorted((a, b) => b.id.localeCompare(a.id))[0];
    for (const snapshot of ofRepo) {
      const { projectKey, slug, id: snapshotId } = snapshot;
      const blame = (message: string, object: string | null = null, remedy: string | null = null): void => {
        problems.push({ object, projectKey, slug, snapshotId, message, remedy });
      };
      try {
        const entry = await place.catalogue.find({ repo: snapshot, snapshotId });
        const { manifest, damage } = await place.catalogue.manifest(entry, { signal });
        for (const message of damage) blame(message);
        await checked.readBundles(manifest);
        await checked.readMetadata(manifest);
        const rebuilt = options.drill && snapshot === newest;
        if (!rebuilt) for (const { object, message } of await checked.readLargeFiles(manifest)) blame(message, object, storedAgain);
        if (rebuilt) {
          const outcome = await drill(restorable, entry, { ...options, checked });
          drills.push({ serverId: snapshot.serverId, outcome });
          const files = new Map(outcome.brokenFiles.map(({ object, message }) => [message, object]));
          for (const message of outcome.drilled.problems) {
            const file = files.get(message) ?? null;
            blame(message, file, file === null ? null : storedAgain);
          }
        }
      } catch (error) {
        signal.throwIfAborted();
        const { message, remedy, code, facts } = asAppError(error);
        if (!damaged.has(code)) throw error;
        const object = error instanceof AppError ? (facts['object'] ?? facts['name']) : undefined;
        if (!(await isPruned(place, snapshot, signal))) blame(message, typeof object === 'string' ? object : null, remedy ?? null);
      }
      done += 1;
      onProgress?.(done, snapshots.length, 'snapshots');
    }
  }
  for (const [serverId, ofServer] of Map.groupBy(drills, (one) => one.serverId))
    await recordDrills(
      place,
      serverId,
      ofServer.map(({ outcome }) => outcome),
      signal,
    );
  let objects = checked.names.size;
  let { bytes } = checked;
  if (options.everything) {
    const looked = await lookOver(place, {
      clock,
      days: null,
      alreadyRead: checked.names,
      onProgress: (read, of) => onProgress?.(read, of, 'objects'),
      signal,
    });
    await rememberFindings(place.db, place.id, looked.problems);
    // What a snapshot was blamed for is said once, in the words that say what hangs on it.
    const said = new Set(looked.problems.map(({ object }) => object));
    const rest = problems.filter(({ object }) => object === null || !said.has(object));
    problems.splice(0, problems.length, ...looked.problems, ...rest);
    objects = looked.objects;
    bytes = Math.max(bytes, looked.bytes);
  }
  return {
    repos: byRepo.size,
    snapshots: snapshots.length,
    objects,
    bytes,
    drilled: drills.length,
    problems,
    milliseconds: clock.now() - started,
  };
}

/** Whether somebody has pruned a snapshot, since it was to be verified. Where its removal was refused, it is there still, and to be whole. */
async function isPruned({ ledger, plain }: ProofPlace, snapshot: Snapshot, signal: AbortSignal): Promise<boolean> {
  const manifest = manifestName(snapshot, snapshot.id);
  await ledger.catchUp(snapshot.serverId, signal);
  return (await ledger.removed([manifest])).size > 0 && (await plain.stat(manifest)) === undefined;
}
