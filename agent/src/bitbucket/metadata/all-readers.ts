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
import { hooks } from './readers/hooks.ts';
import { labels } from './readers/labels.ts';
import { lfs } from './readers/lfs.ts';
import { pullRequestSettings } from './readers/pull-request-settings.ts';
import { pullRequests } from './readers/pull-requests.ts';
import { requiredBuilds } from './readers/required-builds.ts';
import { reviewerGroups } from './readers/reviewer-groups.ts';
import { secretScanning } from './readers/secret-scanning.ts';
import { userPermissions } from './readers/user-permissions.ts';
import { webhooks } from './readers/webhooks.ts';

/**
 * Everything that can be read, settings before pull requests, which are many; at which level says `operations`. Attachments come with pull
 * requests.
 */
export const readers: readonly KindReader[] = [
  details,
  avatar,
  lfs,
  branchModel,
  branchRestrictions,
  defaultReviewers,
  reviewerGroups,
  defaultTasks,
  requiredBuilds,
  webhooks,
  hooks,
  hookScripts,
  pullRequestSettings,
  autoMerge,
  autoDecline,
  changeAuthor,
  userPermissions,
  groupPermissions,
  defaultPermissions,
  labels,
  accessKeys,
  secretScanning,
  forkSync,
  pullRequests,
];
