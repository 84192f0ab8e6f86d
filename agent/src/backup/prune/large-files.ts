import { AppError } from '@gitprotect/shared/errors';
import type { ManifestPlace } from '../../catalogue/manifest-object.ts';
import { readMetadata } from '../../catalogue/metadata-object.ts';
import { lfsObjects } from '../../catalogue/metadata-record.ts';
import { kindOf, lfsName, type RepoPlace, runRecordName, serverFolder } from '../../storage/layout.ts';
import { readRepo } from './repo-objects.ts';

/** Objects of a server that belong to no repo alone. */
export interface ServerObjects {
  /** Large files: name -> bytes. */
  readonly largeFiles: ReadonlyMap<string, number>;
  /** What was read of projects, by runs that left no record: name -> bytes. */
  readonly strayProjects: ReadonlyMap<string, number>;
  readonly repos: readonly RepoPlace[];
}

/** What lies in storage of a server beside its repos' own objects. */
export async function readServer({ storage }: ManifestPlace, serverId: string, signal: AbortSignal): Promise<ServerObjects> {
  const largeFiles = new Map<string, number>();
  const projects = new Map<string, number>();
  const records = new Set<string>();
  const repos = new Map<number, RepoPlace>();
  for await (const { name, bytes } of storage.list(serverFolder(serverId))) {
    signal.throwIfAborted();
    const kind = kindOf(name);
    if (kind.kind === 'lfs') largeFiles.set(name, bytes);
    else if (kind.kind === 'project') projects.set(name, bytes);
    else if (kind.kind === 'run') records.add(name);
    else if ('repoId' in kind) repos.set(kind.repoId, { serverId, repoId: kind.repoId });
  }
  // Whatever a run read of a project, its own record is the first to name; and records stay.
  const strayProjects = new Map([...projects].filter(([name]) => !records.has(runRecordName(serverId, runOf(name)))));
  return { largeFiles, strayProjects, repos: [...repos.values()] };
}

/** The run that wrote an object of a project: what stands before the last dash of its name. */
function runOf(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return last.slice(0, last.lastIndexOf('-'));
}

/**
 * The names of all large files that any snapshot of a server needs.
 * @returns `null` when that cannot be told: a manifest, or an object of metadata, cannot be read
 */
export async function largeFilesInUse(
  place: ManifestPlace,
  serverId: string,
  repos: readonly RepoPlace[],
  signal: AbortSignal,
): Promise<ReadonlySet<string> | null> {
  const inUse = new Set<string>();
  for (const repo of repos) {
    const stored = await readRepo(place, repo, { onRead: async () => undefined, broken: new Set() }, signal);
    if ('undecided' in stored) return null;
    // One snapshot's chain begins as another's: each object is read once, and whole, whatever a single snapshot takes of it.
    const all = [...stored.snapshots.values()].flatMap(({ metadata }) => metadata);
    const links = new Map(all.map(({ object, bytes, sha256, records }) => [object, { object, bytes, sha256, records }] as const));
    try {
      for (const link of links.values())
        for await (const { key } of readMetadata(place, [link], { signal, kinds: [lfsObjects] })) inUse.add(lfsName(serverId, key));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AppError && error.code === 'backup-damaged') return null;
      throw error;
    }
  }
  return inUse;
}
