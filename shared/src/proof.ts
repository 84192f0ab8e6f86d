import * as v from 'valibot';
import { ProjectKey, RepoSlug } from './repo.ts';
import { Count, Id, Time } from './text.ts';

/** A drill: a snapshot was rebuilt from storage alone and compared with what was backed up. */
export const Proof = v.object({
  at: Time,
  /** Every ref, every large file and every count of records was as it must be, and git found the repo whole. */
  proven: v.boolean(),
  problems: v.array(v.string()),
});
export type Proof = v.InferOutput<typeof Proof>;

/** How far the newest snapshots of some repos are known to be restorable. */
export const ProofSummary = v.object({
  repos: Count,
  /** Repos whose last drill went well, and the oldest of these drills. */
  proven: Count,
  since: v.nullable(Time),
  /** Repos whose last drill failed: `ORCH/core`. */
  failed: v.array(v.string()),
});
export type ProofSummary = v.InferOutput<typeof ProofSummary>;

/** Something in storage that is not as it was written. */
export const StorageProblem = v.object({
  /** The object at fault; `null` where it is not one alone. */
  object: v.nullable(v.string()),
  /** Whose it is, where it is a repo's. */
  projectKey: v.nullable(ProjectKey),
  slug: v.nullable(RepoSlug),
  snapshotId: v.nullable(Id),
  /** What was found, and which snapshots it concerns. */
  message: v.string(),
  remedy: v.nullable(v.string()),
});
export type StorageProblem = v.InferOutput<typeof StorageProblem>;
