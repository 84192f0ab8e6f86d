import { pageOf } from '../paging.ts';
import { ok, type Routes } from '../router.ts';
import { requireNamedUser, requireUser } from './access.ts';
import { userJson } from './json.ts';

export const userRoutes: Routes = {
  'GET /rest/api/latest/users': (call) => {
    requireUser(call);
    const { instance, query } = call;
    const filter = (query.get('filter') ?? '').toLowerCase();
    const found = instance.state.users.filter(
      ({ type, name, displayName, emailAddress }) =>
        type === 'NORMAL' && [name, displayName, emailAddress].some((text) => text.toLowerCase().includes(filter)),
    );
    return ok(
      pageOf(
        found.map((user) => userJson(instance, user)),
        query,
        instance.pageLimit,
      ),
    );
  },
  'GET /rest/api/latest/groups': (call) => {
    requireUser(call);
    const { instance, query } = call;
    const filter = (query.get('filter') ?? '').toLowerCase();
    const names = instance.state.groups.map(({ name }) => name).filter((name) => name.toLowerCase().includes(filter));
    return ok(pageOf(names.toSorted(), query, instance.pageLimit));
  },
  'GET /rest/api/latest/users/{userSlug}': (call) => {
    requireUser(call);
    return ok(userJson(call.instance, requireNamedUser(call)));
  },
};
