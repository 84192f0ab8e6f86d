import * as v from 'valibot';
import { ProjectKey, RepoSlug } from './repo.ts';
import { Count } from './text.ts';

const ofRepo = { projectKey: ProjectKey, slug: RepoSlug };

/** What becomes of one kind of chain: objects before and after, and the bytes that are read and written for it. */
const PlannedChain = v.object({ before: Count, after: Count, bytes: Count });

/** What a compaction would do. Nothing was changed. */
export const CompactPlan = v.object({
  /** Those with a chain that is too long. */
  repos: v.array(v.object({ ...ofRepo, bundles: PlannedChain, metadata: PlannedChain })),
});
export type CompactPlan = v.InferOutput<typeof CompactPlan>;

/** What a compaction did. */
export const CompactReport = v.object({
  /** Repos whose chains were looked at. */
  looked: Count,
  /** Those in which something was merged: so many objects became `merges`, of `bytes` in all. */
  repos: v.array(v.object({ ...ofRepo, objects: Count, merges: Count, bytes: Count })),
  /** Those that stay as they are because an object in them is damaged. */
  failed: v.array(v.object({ ...ofRepo, message: v.string() })),
});
export type CompactReport = v.InferOutput<typeof CompactReport>;
