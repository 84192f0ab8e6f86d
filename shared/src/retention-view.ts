import * as v from 'valibot';
import { ProjectKey, RepoSlug } from './repo.ts';
import { Count, Id, Time } from './text.ts';

/**
 * Retention of a repo, or of a whole project, that waits for somebody: so much was deleted or rewritten that what is left in storage may be all there
 * is.
 */
export const Guard = v.object({
  serverId: Id,
  projectKey: ProjectKey,
  /** `null` for the project as a whole. */
  slug: v.nullable(RepoSlug),
  /** What was seen: `90 of 100 refs were deleted in the snapshot 00000012`. */
  message: v.string(),
});
export type Guard = v.InferOutput<typeof Guard>;

/** What retention says of each snapshot of one repo. */
export const RepoRetention = v.object({
  projectKey: ProjectKey,
  slug: RepoSlug,
  repoId: Count,
  /** The plans whose rules count, each with its rules in words. */
  plans: v.array(v.object({ name: v.string(), keeps: v.string() })),
  guards: v.array(Guard),
  /** The newest first. */
  snapshots: v.array(
    v.object({
      snapshotId: Id,
      keep: v.boolean(),
      /** Each a phrase: `daily 3`, `on hold: audit`. */
      because: v.array(v.string()),
      /** It is marked, and removed from then on; `null`: it is not. */
      goesAt: v.nullable(Time),
      hold: v.nullable(v.object({ reason: v.string(), at: Time })),
    }),
  ),
});
export type RepoRetention = v.InferOutput<typeof RepoRetention>;
