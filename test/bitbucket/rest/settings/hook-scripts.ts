import { pageOf } from '../../paging.ts';
import { admin } from '../../permissions.ts';
import { ok, type Routes } from '../../router.ts';
import { isRepo } from '../../model.ts';
import { at, bothPlaces, kept, requirePlace } from './place.ts';

/** Scripts come from the server's administrators, so they are only listed: those of the place, then the project's. */
export const hookScriptRoutes: Routes = Object.fromEntries(
  bothPlaces.map((place): [string, Routes[string]] => [
    `GET ${at('/api/latest', place, '/hook-scripts')}`,
    (call) => {
      const on = requirePlace(call, admin);
      const scripts = [...kept(on, 'hook-scripts'), ...(isRepo(on) ? kept(on.project, 'hook-scripts') : [])];
      return ok(pageOf(scripts, call.query, call.instance.pageLimit));
    },
  ]),
);
