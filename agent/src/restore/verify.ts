import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asAppError } from '@gitprotect/shared/errors';
import type { Snapshot, VerifyReport } from '@gitprotect/shared/snapshot';
import type { GitHost } from '../git/run-git.ts';
import { rebuildSnapshot } from './rebuild.ts';
import type { RestorePlace } from './to-folder.ts';
import { CheckedObjects, miscounted } from './verify-beside.ts';

export interface VerifyOptions {
  /** Also rebuilds the newest snapshot of each repo in a scratch folder and compares it, and counts what it holds beside git. */
  readonly drill: boolean;
  /** Where drills rebuild; made, and emptied again. */
  readonly scratch: string;
  readonly host: GitHost;
}

type Problem = VerifyReport['problems'][number];

/**
 * Reads what these snapshots consist of and compares it with what was once written: every manifest with its list of refs, every bundle, every
 * object of metadata and every large file byte by byte, each once. What is wrong is in the report; it rejects only when the storage cannot be read at all.
 */
export async function verify(place: RestorePlace, snapshots: readonly Snapshot[], options: VerifyOptions): Promise<VerifyReport> {
  const started = place.clock.now();
  const { signal } = options.host;
  const checked = new CheckedObjects(place, signal);
  const problems: Problem[] = [];
  const drills = { count: 0 };
  const byRepo = Map.groupBy(snapshots, ({ serverId, repoId }) => `${serverId}/${repoId}`);
  for (const ofRepo of byRepo.values()) {
    const newest = ofRepo.toSorted((a, b) => b.id.localeCompare(a.id))[0];
    for (const snapshot of ofRepo) {
      const blame = (message: string): void => {
        const { projectKey, slug, id } = snapshot;
        problems.push({ projectKey, slug, snapshotId: id, message });
      };
      try {
        const entry = await place.catalogue.find({ repo: snapshot, snapshotId: snapshot.id });
        const resolved = await place.catalogue.manifest(entry, { signal });
        await checked.readSnapshot(resolved.manifest);
        for (const problem of await checked.readLargeFiles(resolved.manifest)) blame(problem);
        if (!options.drill || snapshot !== newest) continue;
        const found = await drill(options, (dir) => rebuildSnapshot(dir, resolved, place, { host: options.host }));
        drills.count += 1;
        const counts = await miscounted(place, resolved.manifest, signal);
        for (const difference of [...found.differences, ...(found.verified ? [] : found.fsck), ...counts]) blame(difference);
      } catch (error) {
        signal.throwIfAborted();
        blame(asAppError(error).message);
      }
    }
  }
  return {
    repos: byRepo.size,
    snapshots: snapshots.length,
    objects: checked.objects,
    bytes: checked.bytes,
    drilled: drills.count,
    problems,
    milliseconds: place.clock.now() - started,
  };
}

async function drill<T>({ scratch }: VerifyOptions, work: (dir: string) => Promise<T>): Promise<T> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const dir = await mkdtemp(join(scratch, 'drill-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
