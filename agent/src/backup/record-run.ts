import type { Job, RunDetail } from '@gitprotect/shared/run';
import type { Server } from '@gitprotect/shared/server';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ManifestPlace } from '../catalogue/manifest-object.ts';
import type { Ledger } from '../catalogue/ledger.ts';
import type { NamedHash } from '../catalogue/ledger-list.ts';
import { addedBy, writeRunRecord, type ProjectRecord, type RunRecord } from '../catalogue/run-record.ts';
import { serverFolder } from '../storage/layout.ts';
import type { SavedProject } from './metadata/save-project.ts';

/** Where the record of a run goes. */
export interface RecordPlace extends ManifestPlace {
  readonly catalogue: Catalogue;
  readonly ledger: Ledger;
  readonly serverOf: (id: string) => Promise<Pick<Server, 'id' | 'url'>>;
  /** Only what a record names is gone on from: an object whose run wrote none is left to be an orphan. */
  readonly rememberProject: (project: SavedProject) => Promise<void>;
}

/** What a run added that no snapshot names. */
export interface BesideSnapshots {
  readonly large: readonly NamedHash[];
  readonly projects: readonly SavedProject[];
}

/**
 * Writes, for each server of a run that ended, which snapshot stands for which repo and what it read of projects, and the signed list of the run's
 * new objects: those of its snapshots, and those beside.
 */
export async function recordRun(
  run: RunDetail,
  place: RecordPlace,
  { large, projects }: BesideSnapshots,
  signal: AbortSignal,
): Promise<void> {
  const byServer = Map.groupBy(run.jobs, ({ serverId }) => serverId);
  for (const serverId of new Set([...byServer.keys(), ...projects.map((one) => one.serverId)])) {
    const jobs = byServer.get(serverId) ?? [];
    const ofServer = projects.filter((one) => one.serverId === serverId);
    const added: NamedHash[] = large.filter(({ name }) => name.startsWith(serverFolder(serverId)));
    for (const { added: one } of ofServer) if (one !== null) added.push(one);
    const repos: RunRecord['repos'] = [];
    for (const job of jobs) {
      const snapshotId = await standing(job, place.catalogue);
      repos.push({ id: job.repoId, projectKey: job.projectKey, slug: job.slug, outcome: job.outcome?.state ?? job.phase, snapshotId });
      if (job.outcome?.state !== 'saved' || snapshotId === null) continue;
      const entry = await place.catalogue.find({ repo: { serverId, repoId: job.repoId }, snapshotId });
      const { written, sha256 } = await place.catalogue.manifest(entry, { signal });
      added.push(...addedBy({ manifest: written, sha256 }));
    }
    const { id, url } = await place.serverOf(serverId);
    const { state, startedAt } = run;
    const record: RunRecord = {
      format: 1,
      server: { id, url },
      runId: run.id,
      planName: run.planName,
      state,
      startedAt,
      endedAt: run.endedAt ?? startedAt,
      repos,
      projects: ofServer.map(recordOf),
    };
    await writeRunRecord(place, record, added, signal);
    for (const project of ofServer) await place.rememberProject(project);
  }
}

const recordOf = ({ id, key, name, kinds, metadata }: SavedProject): ProjectRecord => ({ id, key, name, kinds, metadata });

/** The snapshot that stands for a repo after the run: the one it made, or the last there is. */
async function standing({ serverId, repoId, outcome }: Job, catalogue: Catalogue): Promise<string | null> {
  if (outcome?.state === 'saved' || outcome?.state === 'unchanged') return outcome.snapshotId;
  return (await catalogue.latest({ serverId, repoId }))?.snapshot.id ?? null;
}
