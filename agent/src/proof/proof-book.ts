import type { StorageProblem } from '@gitprotect/shared/proof';
import type { ProofSummary } from '@gitprotect/shared/proof';
import type { Job } from '@gitprotect/shared/run';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import type { Database } from '../db/database.ts';
import { findings, proofsOf, repoProofs, summaryOf } from './proofs.ts';

/** Says beside snapshots, runs and projects how far they are proven. From the database alone. */
export interface ProofBook {
  ofSnapshots(snapshots: readonly Snapshot[]): Promise<Snapshot[]>;
  ofJobs(jobs: readonly Job[]): Promise<Job[]>;
  ofProjects<P extends { readonly serverId: string; readonly key: string }>(
    projects: readonly P[],
  ): Promise<(P & { proof: ProofSummary })[]>;
  summary(): Promise<ProofSummary>;
  problems(): Promise<StorageProblem[]>;
}

export function proofBook(db: Database): ProofBook {
  return {
    ofSnapshots: async (snapshots) => {
      const proofs = await proofsOf(db);
      return snapshots.map((one) => withProof(one, proofs.get(`${one.serverId}/${one.repoId}/${one.id}`)));
    },
    ofJobs: async (jobs) => {
      const proofs = await proofsOf(db);
      return jobs.map((job) => {
        const id = job.outcome?.state === 'saved' || job.outcome?.state === 'unchanged' ? job.outcome.snapshotId : '';
        return withProof(job, proofs.get(`${job.serverId}/${job.repoId}/${id}`));
      });
    },
    ofProjects: async (projects) => {
      const repos = await repoProofs(db);
      const of = (serverId: string, key: string) => repos.filter((repo) => repo.serverId === serverId && repo.projectKey === key);
      return projects.map((project) => ({ ...project, proof: summaryOf(of(project.serverId, project.key)) }));
    },
    summary: async () => summaryOf(await repoProofs(db)),
    problems: () => findings(db),
  };
}

const withProof = <T extends object, P>(one: T, proof: P | undefined): T & { proof?: P } => (proof === undefined ? one : { ...one, proof });
