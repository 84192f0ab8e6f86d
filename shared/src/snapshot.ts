import * as v from 'valibot';
import { KindStates, LfsState } from './metadata.ts';
import { ProjectKey, RepoSlug } from './repo.ts';
import { Proof, StorageProblem } from './proof.ts';
import { Count, Id, Time } from './text.ts';

/** Of how many refs how many were deleted, and how many rewritten, since the snapshot before. */
export const MassChange = v.object({ refs: Count, deleted: Count, rewritten: Count });
export type MassChange = v.InferOutput<typeof MassChange>;

/** One repo at one time, as the catalogue lists it. `id` counts up within its repo: `00000001`, `00000002`, … */
export const Snapshot = v.object({
  id: Id,
  serverId: Id,
  repoId: Count,
  projectKey: ProjectKey,
  slug: RepoSlug,
  runId: Id,
  takenAt: Time,
  /** What it adds to git's part: `refs-only` and `metadata-only` have no bundle of their own. */
  kind: v.picklist(['full', 'incremental', 'refs-only', 'metadata-only', 'empty']),
  objectFormat: v.picklist(['sha1', 'sha256']),
  refs: Count,
  /** Where HEAD points: a ref name (born or not), an object id when detached, `null` when the server says nothing. */
  head: v.nullable(v.string()),
  /** A fork's: the snapshot of the repo it comes from whose chain is read before its own. */
  leansOn: v.optional(v.nullable(v.object({ repoId: Count, snapshotId: Id }))),
  /** Sealed bytes this snapshot added, and of its whole chain, without what it leans on. */
  bytes: Count,
  chainBytes: Count,
  chainLength: Count,
  /** Objects of metadata it needs. */
  metadataChain: v.optional(Count),
  warnings: v.array(v.string()),
  massChange: v.optional(v.nullable(MassChange)),
  /** Objects and refs that the server itself had lost and the backup does not have. */
  lost: v.optional(Count),
  /** What is there beside git; `null` in a backup of git alone. */
  metadata: v.optional(v.nullable(KindStates)),
  lfs: v.optional(v.nullable(LfsState)),
  /** The last drill of this snapshot; absent where there was none. */
  proof: v.optional(Proof),
});
export type Snapshot = v.InferOutput<typeof Snapshot>;

/** What a restore did, compared with the manifest. */
export const RestoreReport = v.object({
  snapshot: Snapshot,
  folder: v.string(),
  refs: Count,
  /** Refs that differ from the manifest after the restore; empty is the proof. */
  differences: v.array(v.string()),
  /** What `git fsck` said; empty when clean. */
  fsck: v.array(v.string()),
  verified: v.boolean(),
  bytes: Count,
  /** Large files written, and those the backup lacks or that came out wrong. */
  lfs: v.object({ objects: Count, missing: v.array(v.string()) }),
  /** Metadata records written, pull requests among them. */
  records: Count,
  pullRequests: Count,
  milliseconds: Count,
});
export type RestoreReport = v.InferOutput<typeof RestoreReport>;

/** What a verification read, and what it found wrong. */
export const VerifyReport = v.object({
  repos: Count,
  snapshots: Count,
  /** Bundles read, each once, and their sealed bytes. */
  objects: Count,
  bytes: Count,
  /** Repos whose newest snapshot was rebuilt and compared. */
  drilled: Count,
  problems: v.array(StorageProblem),
  milliseconds: Count,
});
export type VerifyReport = v.InferOutput<typeof VerifyReport>;
