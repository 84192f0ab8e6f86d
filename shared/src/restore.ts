import * as v from 'valibot';
import { ProjectKey, RepoSlug } from './repo.ts';
import { Snapshot } from './snapshot.ts';
import { Count, Id } from './text.ts';

/**
 * One thing of a restore to Bitbucket, in words. Before: `will` (it will be created), `cannot` (and why). After: `restored` (the server has
 * it as the snapshot does), `differs`, `failed`. `to-do`: a person must do it, `why` says how. `kept`: the target has it already.
 */
export const RestoreItem = v.object({
  /** A metadata kind, or `repository`, `git`, `lfs-objects`. */
  kind: v.string(),
  what: v.string(),
  state: v.picklist(['will', 'cannot', 'to-do', 'restored', 'kept', 'differs', 'failed']),
  why: v.optional(v.string()),
});
export type RestoreItem = v.InferOutput<typeof RestoreItem>;

/** One repo (or a project's own settings: `snapshot` and `slug` are `null`) of a restore to Bitbucket. */
export const RestoredPlace = v.object({
  snapshot: v.nullable(Snapshot),
  from: v.string(),
  projectKey: ProjectKey,
  slug: v.nullable(RepoSlug),
  url: v.string(),
  items: v.array(RestoreItem),
  /** Differences between server and snapshot that are no item's fault: what the API cannot bring back. */
  limits: v.array(v.string()),
});
export type RestoredPlace = v.InferOutput<typeof RestoredPlace>;

/** What a restore to Bitbucket will do (`dryRun`), or did and found when it compared. */
export const ServerRestoreReport = v.object({
  dryRun: v.boolean(),
  places: v.array(RestoredPlace),
  /** Rights the credential lacks, in words; the restore goes on without what needs them. */
  missingRights: v.array(v.string()),
  /** Nothing failed and nothing differs but what is listed under limits and to-do. */
  verified: v.boolean(),
  milliseconds: Count,
});
export type ServerRestoreReport = v.InferOutput<typeof ServerRestoreReport>;

/** How far a restore is: `done` of `of` steps. */
export const RestoreProgress = v.object({ id: Id, what: v.string(), done: Count, of: Count });
export type RestoreProgress = v.InferOutput<typeof RestoreProgress>;
