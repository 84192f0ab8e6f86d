import { Router } from '../router.ts';
import { accessTokenRoutes } from './access-tokens.ts';
import { loginRoutes } from './login.ts';
import { projectRoutes } from './projects.ts';
import { repoRoutes } from './repos.ts';
import { systemRoutes } from './system.ts';

/** Everything the simulator answers with JSON. */
export const router = new Router({ ...systemRoutes, ...loginRoutes, ...accessTokenRoutes, ...projectRoutes, ...repoRoutes });
