import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asAppError } from '@gitprotect/shared/errors';
import type { Snapshot, VerifyReport } from '@gitprotect/shared/snapshot';
import type { Link } from '../catalogue/manifest.ts';
import type { GitHost } from '../git/run-git.ts';
import { rebuildSnapshot } from './rebuild.ts';
import type { RestorePlace } from './to-folder.ts';

export interface VerifyOptions {
  /** Also rebuilds the newest snapshot of each repo in a scratch folder and compares it. */
  readonly drill: boolean;
  /** Where drills rebuild; made, and emptied again. */
  readonly scratch: string;
  readonly host: GitHost;
}

type Problem = VerifyReport['problems'][number];

/**
 * Reads what these snapshots consist of and compares it with what was once written: every manifest with its list of refs, every bundle byte by
 * byte, each object once. What is wrong is in the report; it rejects only when the storage cannot be read at all.
 */
export async function verify(place: RestorePlace, snapshots: readonly Snapshot[], options: VerifyOptions): Promise<VerifyReport> {
  const started = place.clock.now();
  const { signal } = options.host;
  const checked = new Map<string, number>();
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
        for (const link of resolved.manifest.chain) await readOnce(link, place, checked, signal);
        if (!options.drill || snapshot !== newest) continue;
        const found = await drill(options, (dir) => rebuildSnapshot(dir, resolved, place, { host: options.host }));
        drills.count += 1;
        for (const difference of [...found.differences, ...(found.verified ? [] : found.fsck)]) blame(difference);
      } catch (error) {
        signal.throwIfAborted();
        blame(asAppError(error).message);
      }
    }
  }
  return {
    repos: byRepo.size,
    snapshots: snapshots.length,
    objects: checked.size,
    bytes: [...checked.values()].reduce((sum, bytes) => sum + bytes, 0),
    drilled: drills.count,
    problems,
    milliseconds: place.clock.now() - started,
  };
}

async function readOnce(
  { object, bytes, sha256 }: Link,
  { storage }: RestorePlace,
  checked: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  if (checked.has(object)) return;
  let read = 0;
  for await (const piece of await storage.get(object, { signal, expect: { bytes, sha256 } })) read += piece.length;
  checked.set(object, read);
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
