import { AppError } from '@gitprotect/shared/errors';
import type { Ledger } from '../../catalogue/ledger.ts';
import { atOnce } from '../../lib/at-once.ts';
import { kindOf, runFolder, serverFolder, storageFile, type RepoPlace } from '../../storage/layout.ts';
import type { Storage } from '../../storage/storage.ts';
import { whatToCopy, type Wanted } from './what-to-copy.ts';

/** From where, to where, and of what. */
export interface CopyRoute {
  readonly from: Storage;
  readonly ledger: Ledger;
  readonly to: Storage;
  /** Repos that are not copied there. */
  readonly leavesOut: (repo: RepoPlace) => boolean;
  /** The repos whose snapshots those of a repo lean on. */
  readonly leansOn: (repo: RepoPlace) => readonly RepoPlace[];
  /** Whether to go on with the next object. */
  readonly goesOn: () => boolean;
  readonly signal: AbortSignal;
}

/** How far the copy of a server is. `missing` falls while it works. */
export interface CopyProgress {
  /** Objects there that lists name. */
  there: number;
  missing: number;
  missingBytes: number;
  copied: number;
  copiedBytes: number;
  /** Objects that could not be copied because the original is gone or damaged. */
  readonly unusable: string[];
}

const requests = 4;

/**
 * Brings the copy of one server up to date: what its signed lists say must be there, sealed as it is, each object checked against the list on its way.
 * An object that is damaged is not copied, and nothing that needs it is either.
 */
export async function copyServer(
  serverId: string,
  route: CopyRoute,
  told: (progress: CopyProgress) => Promise<void>,
): Promise<CopyProgress> {
  const { from, to, ledger, leavesOut, leansOn, goesOn, signal } = route;
  // Lists first: whatever comes while this works is for the next time.
  const lists = await namesIn(from, runFolder(serverId), (name) => kindOf(name).kind === 'list');
  const signatures = await namesIn(from, runFolder(serverId), (name) => kindOf(name).kind === 'signature');
  const standing = await ledger.standing(serverId, signal);
  const there = new Set((await sizesIn(to, serverFolder(serverId))).keys());
  if ((await to.stat(storageFile)) !== undefined) there.add(storageFile);
  const leans = (repo: RepoPlace): boolean => leansOn(repo).length > 0;
  const stages = whatToCopy({ standing, lists: [...lists, ...signatures] }, there, { leavesOut, leans });
  const sizes = stages.length === 0 ? new Map<string, number>() : await sizesIn(from, serverFolder(serverId));
  sizes.set(storageFile, (await from.stat(storageFile))?.bytes ?? 0);
  const missing = stages.flat();
  const progress: CopyProgress = {
    there: [...standing.keys()].filter((name) => there.has(name)).length,
    missing: missing.length,
    missingBytes: missing.reduce((sum, { name }) => sum + (sizes.get(name) ?? 0), 0),
    copied: 0,
    copiedBytes: 0,
    unusable: [],
  };
  await told(progress);
  const spoilt = new Set<string>();
  for (const stage of stages) {
    await atOnce(stage, requests, async (wanted) => {
      if (!goesOn() || isSpoilt(wanted.name, spoilt, leansOn)) return;
      signal.throwIfAborted();
      const bytes = sizes.get(wanted.name);
      if (bytes === undefined || !(await copyObject(wanted, bytes, route))) {
        progress.unusable.push(wanted.name);
        spoilt.add(spoils(wanted.name));
        return;
      }
      progress.missing -= 1;
      progress.missingBytes -= bytes;
      progress.copied += 1;
      if (wanted.sha256 !== undefined) progress.there += 1;
      progress.copiedBytes += bytes;
      await told(progress);
    });
    // The next stage relies on this one.
    if (!goesOn()) break;
  }
  return progress;
}

/** Whether it is in the copy now; not when the original is gone or is not what was written. */
async function copyObject({ name, sha256 }: Wanted, bytes: number, { from, to, signal }: CopyRoute): Promise<boolean> {
  let source: AsyncIterable<Uint8Array>;
  try {
    source = await from.get(name, { signal, ...(sha256 === undefined ? {} : { expect: { bytes, sha256 } }) });
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return false;
    throw error;
  }
  try {
    await to.put(name, source, { signal });
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // Another agent copies there too, or an earlier try was better than it seemed.
    if (error.code === 'storage-exists') return true;
    if (error.code === 'storage-corrupt') return false;
    throw error;
  }
}

/** What an object that cannot be copied stands in the way of: the snapshots of its repo; of a large file, of all. */
function spoils(name: string): string {
  const kind = kindOf(name);
  return 'repoId' in kind ? keyOf(kind) : 'all';
}

function isSpoilt(name: string, spoilt: ReadonlySet<string>, leansOn: CopyRoute['leansOn']): boolean {
  const kind = kindOf(name);
  if (kind.kind !== 'manifest') return false;
  return spoilt.has('all') || [kind, ...leansOn(kind)].some((repo) => spoilt.has(keyOf(repo)));
}

const keyOf = ({ serverId, repoId }: RepoPlace): string => `${serverId}/${repoId}`;

async function sizesIn(storage: Storage, prefix: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { name, bytes } of storage.list(prefix)) sizes.set(name, bytes);
  return sizes;
}

async function namesIn(storage: Storage, prefix: string, wanted: (name: string) => boolean): Promise<string[]> {
  return [...(await sizesIn(storage, prefix)).keys()].filter(wanted);
}
