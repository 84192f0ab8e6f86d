import type { Routes } from '../../router.ts';
import { accessKeyRoutes } from './access-keys.ts';
import { branchModelRoutes } from './branch-model.ts';
import { defaultPermissionRoutes } from './default-permissions.ts';
import { defaultReviewers } from './default-reviewers.ts';
import { defaultTaskRoutes } from './default-tasks.ts';
import { forkSyncRoutes } from './fork-sync.ts';
import { hookScriptRoutes } from './hook-scripts.ts';
import { hookRoutes } from './hooks.ts';
import { labels } from './labels.ts';
import { routesOf } from './list-kind.ts';
import { pullRequestSettingRoutes } from './pull-request-settings.ts';
import { requiredBuilds } from './required-builds.ts';
import { restrictionRoutes } from './restrictions.ts';
import { reviewerGroups } from './reviewer-groups.ts';
import { secretScanningRoutes } from './secret-scanning.ts';
import { settingsRestrictionRoutes } from './settings-restrictions.ts';
import { switchRoutes } from './switches.ts';
import { webhooks } from './webhooks.ts';

/** Everything a project or a repository is configured with. */
export const settingRoutes: Routes = {
  ...routesOf(webhooks),
  ...routesOf(labels),
  ...routesOf(reviewerGroups),
  ...routesOf(defaultReviewers),
  ...routesOf(requiredBuilds),
  ...defaultTaskRoutes,
  ...restrictionRoutes,
  ...accessKeyRoutes,
  ...hookRoutes,
  ...hookScriptRoutes,
  ...pullRequestSettingRoutes,
  ...switchRoutes,
  ...branchModelRoutes,
  ...secretScanningRoutes,
  ...forkSyncRoutes,
  ...settingsRestrictionRoutes,
  ...defaultPermissionRoutes,
};
