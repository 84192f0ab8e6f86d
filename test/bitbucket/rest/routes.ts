import { Router } from '../router.ts';
import { accessTokenRoutes } from './access-tokens.ts';
import { attachmentRoutes } from './attachments.ts';
import { avatarRoutes } from './avatars.ts';
import { commitCommentRoutes } from './commit-comments.ts';
import { forkRoutes } from './forks.ts';
import { lfsRoutes } from './lfs.ts';
import { loginRoutes } from './login.ts';
import { permissionRoutes } from './permissions.ts';
import { projectRoutes } from './projects.ts';
import { pullRequestRoutes } from './pull-requests/routes.ts';
import { rateLimitRoutes } from './rate-limits.ts';
import { refRoutes } from './refs.ts';
import { repoRoutes } from './repos.ts';
import { settingRoutes } from './settings/routes.ts';
import { systemRoutes } from './system.ts';
import { userRoutes } from './users.ts';

/** Everything the simulator answers with JSON. */
export const router = new Router({
  ...systemRoutes,
  ...loginRoutes,
  ...accessTokenRoutes,
  ...permissionRoutes,
  ...projectRoutes,
  ...repoRoutes,
  ...refRoutes,
  ...pullRequestRoutes,
  ...commitCommentRoutes,
  ...attachmentRoutes,
  ...avatarRoutes,
  ...forkRoutes,
  ...userRoutes,
  ...rateLimitRoutes,
  ...lfsRoutes,
  ...settingRoutes,
});
