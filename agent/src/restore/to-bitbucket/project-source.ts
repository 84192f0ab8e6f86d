import { AppError } from '@gitprotect/shared/errors';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import type { RunRecord } from '../../catalogue/run-record.ts';
import { listRunRecords, readRunRecord } from '../../catalogue/run-records.ts';
import type { RestorePlace } from '../to-folder.ts';
import type { RepoSource } from './restore-repo.ts';
import type { ProjectSource } from './project-settings.ts';

/** A project as a run left it, or as it was at a time, or as it was last. */
export interface ProjectAt {
  readonly projectKey: string;
  readonly serverId?: string | undefined;
  readonly runId?: string | undefined;
  /** ISO 8601. */
  readonly at?: string | undefined;
}

/**
 * The snapshots that stand for a project's repos, in the order the repos were made, so that what was forked comes before its forks; and the
 * project's own settings, from the record of a run. A snapshot that was pruned since is stood for by the last one before it that is there, or else the first
 * one after.
 * @throws AppError `not-found` when there is none, `bad-request` when several servers have such a project
 */
export async function projectSource(
  place: RestorePlace,
  { projectKey, serverId, runId, at }: ProjectAt,
  signal: AbortSignal,
): Promise<{ readonly repos: readonly RepoSource[]; readonly project: ProjectSource | null }> {
  const sameKey = (one: { readonly projectKey: string }): boolean => one.projectKey.toLowerCase() === projectKey.toLowerCase();
  const until = at === undefined ? undefined : new Date(at).toISOString();
  const snapshots = (await place.catalogue.list({ serverId })).filter(
    (one) => sameKey(one) && (until === undefined || one.takenAt <= until),
  );
  const [server, ...others] = new Set(snapshots.map((one) => one.serverId));
  if (server === undefined) {
    throw new AppError('not-found', `there is no snapshot of project ${projectKey}${at === undefined ? '' : ` taken by ${at}`}`, {
      remedy: 'list what there is: gitprotect-agent snapshots',
    });
  }
  if (others.length > 0) {
    throw new AppError('bad-request', `${others.length + 1} servers have backups of a project ${projectKey}`, {
      remedy: 'restore its repositories one by one, each with its snapshot',
    });
  }
  const records =
    runId === undefined
      ? (await listRunRecords(place, server, signal)).filter(({ startedAt }) => until === undefined || startedAt <= until)
      : [await readRunRecord(place, server, runId, signal)];
  const chosen =
    runId === undefined
      ? newestOfEach(snapshots)
      : (records[0]?.repos ?? [])
          .filter(sameKey)
          .flatMap(({ id, snapshotId }) =>
            snapshotId === null ? [] : [{ repoId: id, snapshotId: standingFor(snapshotId, id, snapshots) }],
          );
  const repos: RepoSource[] = [];
  for (const { repoId, snapshotId } of chosen.toSorted((a, b) => a.repoId - b.repoId))
    repos.push({ entry: await place.catalogue.find({ repo: { serverId: server, repoId }, snapshotId }), name: null });
  return { repos, project: settingsOf(records, projectKey) };
}

function newestOfEach(snapshots: readonly Snapshot[]): { readonly repoId: number; readonly snapshotId: string }[] {
  const byRepo = Map.groupBy(snapshots, ({ repoId }) => repoId);
  return Array.from(byRepo, ([repoId, all]) => ({ repoId, snapshotId: all.reduce((last, { id }) => (id > last ? id : last), '') }));
}

function standingFor(snapshotId: string, repoId: number, snapshots: readonly Snapshot[]): string {
  const ids = snapshots
    .filter((one) => one.repoId === repoId)
    .map(({ id }) => id)
    .toSorted();
  return ids.findLast((id) => id <= snapshotId) ?? ids[0] ?? snapshotId;
}

/** From the newest run that read them: not every plan has every project. */
function settingsOf(records: readonly RunRecord[], projectKey: string): ProjectSource | null {
  for (const { projects } of records) {
    const found = projects.find(({ key, metadata }) => key.toLowerCase() === projectKey.toLowerCase() && metadata !== null);
    if (found !== undefined && found.metadata !== null) return { key: found.key, metadata: found.metadata };
  }
  return null;
}
