import type { KindReader } from './kind-reader.ts';
import { accessKeys } from './readers/access-keys.ts';
import { autoDecline } from './readers/auto-decline.ts';
import { autoMerge } from './readers/auto-merge.ts';
import { avatar } from './readers/avatar.ts';
import { branchModel } from './readers/branch-model.ts';
import { branchRestrictions } from './readers/branch-restrictions.ts';
import { changeAuthor } from './readers/change-author.ts';
import { defaultPermissions } from './readers/default-permissions.ts';
import { defaultReviewers } from './readers/default-reviewers.ts';
import { defaultTasks } from './readers/default-tasks.ts';
import { details } from './readers/details.ts';
import { forkSync } from './readers/fork-sync.ts';
import { groupPermissions } from './readers/group-permissions.ts';
import { hookScripts } from './readers/hook-scripts.ts';
import { hooksAndChecks } from './readers/hooks.ts';
import { labels } from './readers/labels.ts';
import { lfs } from './readers/lfs.ts';
import { pullRequestSettings } from './readers/pull-request-settings.ts';
import { pullRequests } from './readers/pull-requests.ts';
import { requiredBuilds } from './readers/required-builds.ts';
import { reviewerGroups } from './readers/reviewer-groups.ts';
import { secretScanning } from './readers/secret-scanning.ts';
import { userPermissions } from './readers/user-permissions.ts';
import { webhooks } from './readers/webhooks.ts';

/** Every kind that can be read, in the order they are: what anybody sees first, so that a refused credential is found late and asked no more. */
export const readers: readonly KindReader[] = [
  details,
  avatar,
  lfs,
  labels,
  branchModel,
  pullRequestSettings,
  autoMerge,
  autoDecline,
  changeAuthor,
  forkSync,
  defaultReviewers,
  reviewerGroups,
  defaultTasks,
  requiredBuilds,
  webhooks,
  hooksAndChecks,
  hookScripts,
  branchRestrictions,
  secretScanning,
  accessKeys,
  userPermissions,
  groupPermissions,
  defaultPermissions,
  pullRequests,
];
