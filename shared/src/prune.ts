import * as v from 'valibot';
import { ProjectKey, RepoSlug } from './repo.ts';
import { Count, Id, Time } from './text.ts';

const ofRepo = { projectKey: ProjectKey, slug: RepoSlug };

/** What a prune would do with one repo. */
const PlannedRepo = v.object({
  ...ofRepo,
  /** Why nothing of it may be pruned; `null` when it may. */
  undecided: v.nullable(v.string()),
  /** Snapshots that go. `dueAt`: they are marked, and removed from then on; `null`: not marked yet. */
  goes: v.array(v.object({ snapshotId: Id, takenAt: Time, because: v.array(v.string()), dueAt: v.nullable(Time) })),
  stays: v.array(v.object({ snapshotId: Id, because: v.array(v.string()) })),
  /** Objects that nobody needs then, and their bytes. */
  objects: Count,
  bytes: Count,
});

/** What a prune would do, and why. Nothing was changed. */
export const PrunePlan = v.object({
  /** Between marking and removing. */
  graceDays: Count,
  /** Those with something to prune, or of which nothing may be. */
  repos: v.array(PlannedRepo),
  snapshots: Count,
  objects: Count,
  bytes: Count,
});
export type PrunePlan = v.InferOutput<typeof PrunePlan>;

/** What a prune did. */
export const PruneReport = v.object({
  /** Newly marked: removed once the time of grace is over. */
  marked: v.object({ snapshots: Count, objects: Count }),
  removed: v.object({ snapshots: Count, objects: Count, bytes: Count }),
  /** Objects the storage would not let go yet; tried again later. */
  refused: Count,
  /** Repos of which nothing could be pruned, and why. */
  undecided: v.array(v.object({ ...ofRepo, why: v.string() })),
});
export type PruneReport = v.InferOutput<typeof PruneReport>;
