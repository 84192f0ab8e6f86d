import type { KindWriter } from './kind-writer.ts';
import type { ComparableWriter } from './item.ts';
import { accessKeys } from './writers/access-keys.ts';
import { avatar } from './writers/avatar.ts';
import { branchModel } from './writers/branch-model.ts';
import { branchRestrictions } from './writers/branch-restrictions.ts';
import { commitComments } from './writers/commit-comments.ts';
import { defaultPermissions } from './writers/default-permissions.ts';
import { defaultReviewers } from './writers/default-reviewers.ts';
import { defaultTasks } from './writers/default-tasks.ts';
import { details } from './writers/details.ts';
import { forkSync } from './writers/fork-sync.ts';
import { hookScripts } from './writers/hook-scripts.ts';
import { hooks } from './writers/hooks.ts';
import { labels } from './writers/labels.ts';
import { lfs } from './writers/lfs.ts';
import { groupPermissions, userPermissions } from './writers/permissions.ts';
import { pullRequestSettings } from './writers/pull-request-settings.ts';
import { requiredBuilds } from './writers/required-builds.ts';
import { reviewerGroups } from './writers/reviewer-groups.ts';
import { secretScanning } from './writers/secret-scanning.ts';
import { autoDecline, autoMerge, changeAuthor } from './writers/switches.ts';
import { webhooks } from './writers/webhooks.ts';

/** Those whose kind can be compared as well, in the order of a restore. */
export const comparableWriters: readonly ComparableWriter[] = [
  lfs,
  details,
  avatar,
  labels,
  branchModel,
  pullRequestSettings,
  hooks,
  autoMerge,
  autoDecline,
  changeAuthor,
  reviewerGroups,
  defaultReviewers,
  defaultTasks,
  requiredBuilds,
  accessKeys,
  webhooks,
  secretScanning,
  forkSync,
  userPermissions,
  groupPermissions,
  defaultPermissions,
  branchRestrictions,
];

/**
 * Every writer in the order of a restore: what others refer to comes before them, what blocks changes comes last, and after it only
 * `archiveWriter` of `writers/details.ts`. Each is to be planned when those before it have been applied: a later one looks for the groups and
 * keys that they made.
 */
export const allWriters: readonly KindWriter[] = [...comparableWriters, hookScripts, commitComments];
