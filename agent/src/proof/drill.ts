import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import type { Drilled } from '../catalogue/drill-record.ts';
import { isOwn } from '../catalogue/manifest.ts';
import type { Entry } from '../catalogue/snapshot-row.ts';
import { reachedBytes } from '../git/git.ts';
import type { GitHost } from '../git/run-git.ts';
import { rebuildSnapshot } from '../restore/rebuild.ts';
import type { RestorePlace } from '../restore/to-folder.ts';
import { type BrokenFile, CheckedObjects, damaged, miscounted } from './checked-objects.ts';

export interface DrillOptions {
  /** Where repos are rebuilt; made, and emptied again. */
  readonly scratch: string;
  /** Also says when to stop. */
  readonly host: GitHost;
  /** What has been read before; an object is read once. */
  readonly checked?: CheckedObjects | undefined;
}

/** A drill with what of it can be healed. */
export interface DrillOutcome {
  readonly drilled: Drilled;
  readonly brokenFiles: readonly BrokenFile[];
}

/**
 * Rebuilds a snapshot from storage alone in a folder that is thrown away, and compares: ref by ref, `git fsck`, large file by large file, record counts. What is
 * wrong with the backup is in the result; it rejects when this machine could not do it: no git, no room, a storage that does not answer.
 */
export async function drill(place: RestorePlace, entry: Entry, options: DrillOptions): Promise<DrillOutcome> {
  const { signal } = options.host;
  const { repoId, projectKey, slug, id } = entry.snapshot;
  const checked = options.checked ?? new CheckedObjects(place, signal);
  const problems: string[] = [];
  const counts = { refs: 0, lfsObjects: 0, records: 0 };
  const brokenFiles: BrokenFile[] = [];
  let packs: Drilled['packs'] = null;
  try {
    const resolved = await place.catalogue.manifest(entry, { signal });
    const { manifest } = resolved;
    const rebuilt = await inScratch(options.scratch, async (dir) => {
      const made = await rebuildSnapshot(dir, resolved, place, { host: options.host });
      return { ...made, reached: made.verified ? await reachedBytes(dir, options.host) : null };
    });
    // What a fork leans on is not its own to be thrifty with.
    const own = manifest.chain.filter((link) => isOwn(link, entry.snapshot));
    const bytes = own.reduce((sum, { packBytes }) => sum + packBytes, 0);
    if (rebuilt.reached !== null) packs = { bytes, reached: Math.min(bytes, rebuilt.reached) };
    problems.push(...rebuilt.differences, ...(rebuilt.verified ? [] : rebuilt.fsck));
    await checked.readMetadata(manifest);
    brokenFiles.push(...(await checked.readLargeFiles(manifest)));
    problems.push(...brokenFiles.map(({ message }) => message), ...(await miscounted(place, manifest, signal)));
    counts.refs = resolved.refs.size;
    counts.lfsObjects = (manifest.lfs?.objects ?? 0) - (manifest.lfs?.missing.length ?? 0);
    for (const kind of Object.values(manifest.metadata?.kinds ?? {})) if (kind.state === 'saved') counts.records += kind.records;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError) || !damaged.has(error.code)) throw error;
    problems.push(error.message);
  }
  const at = new Date(place.clock.now()).toISOString();
  const snapshot = { id: repoId, projectKey, slug, snapshotId: id, manifest: entry.manifestSha256 };
  return { drilled: { ...snapshot, at, proven: problems.length === 0, ...counts, packs, problems }, brokenFiles };
}

async function inScratch<T>(scratch: string, work: (dir: string) => Promise<T>): Promise<T> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const dir = await mkdtemp(join(scratch, 'drill-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
