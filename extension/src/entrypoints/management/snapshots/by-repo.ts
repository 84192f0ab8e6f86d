import type { Snapshot } from '@gitprotect/shared/snapshot';

/** One repo with its snapshots, newest first. */
export interface RepoSnapshots {
  readonly serverId: string;
  readonly repoId: number;
  readonly projectKey: string;
  /** Its name in the newest snapshot: a rename leaves the older ones with theirs. */
  readonly slug: string;
  readonly snapshots: readonly [Snapshot, ...Snapshot[]];
}

/** Snapshots by repo, repos by name. */
export function byRepo(snapshots: readonly Snapshot[]): RepoSnapshots[] {
  const repos = new Map<string, [Snapshot, ...Snapshot[]]>();
  for (const snapshot of snapshots.toSorted((one, other) => other.takenAt.localeCompare(one.takenAt))) {
    const key = `${snapshot.serverId}/${snapshot.repoId}`;
    const known = repos.get(key);
    if (known === undefined) repos.set(key, [snapshot]);
    else known.push(snapshot);
  }
  return [...repos.values()]
    .map((all) => {
      const { serverId, repoId, projectKey, slug } = all[0];
      return { serverId, repoId, projectKey, slug, snapshots: all };
    })
    .toSorted((one, other) => one.slug.localeCompare(other.slug));
}
