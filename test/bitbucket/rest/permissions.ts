import { invalid, noSuchUser } from '../errors.ts';
import { type Grant, type Group, isGroup, isRepo, type Project, type Repo, type User } from '../model.ts';
import { pageOf } from '../paging.ts';
import { admin } from '../permissions.ts';
import { noContent, ok, type Call, type Routes } from '../router.ts';
import { requireProject, requireRepo, requireUser } from './access.ts';
import { userJson } from './json.ts';

type Target = (call: Call) => Project | Repo;
type Kind = 'users' | 'groups';

function grantsOn(call: Call, on: Project | Repo, kind: Kind): object[] {
  const { instance, query } = call;
  const filter = (query.get('filter') ?? '').toLowerCase();
  return instance.state.grants
    .filter((grant) => grant.on === on && isGroup(grant.to) === (kind === 'groups'))
    .filter(({ to }) => to.name.toLowerCase().includes(filter))
    .map(({ to, permission }) => (isGroup(to) ? { group: { name: to.name }, permission } : { user: userJson(instance, to), permission }));
}

function principals({ instance: { state }, query }: Call, kind: Kind): (User | Group)[] {
  const names = query.getAll('name');
  if (names.length === 0) throw invalid('name', `At least one of the ${kind} is required.`);
  return names.map((name) => {
    const found = kind === 'users' ? state.findUser(name) : state.groups.find((group) => group.name === name);
    if (found === undefined) throw noSuchUser(name);
    return found;
  });
}

function permissionFor(on: Project | Repo, wanted: string | null): Grant['permission'] {
  const prefix = isRepo(on) ? 'REPO' : 'PROJECT';
  const known = [`${prefix}_READ`, `${prefix}_WRITE`, `${prefix}_ADMIN`] as Grant['permission'][];
  const permission = known.find((candidate) => candidate === wanted);
  if (permission === undefined) throw invalid('permission', `Unknown permission: ${wanted ?? ''}`);
  return permission;
}

function routesFor(path: string, target: Target): Routes {
  const kinds: readonly Kind[] = ['users', 'groups'];
  return Object.fromEntries(
    kinds.flatMap((kind) => [
      [`GET ${path}/${kind}`, (call: Call) => ok(pageOf(grantsOn(call, target(call), kind), call.query, call.instance.pageLimit))],
      [
        `PUT ${path}/${kind}`,
        (call: Call) => {
          const on = target(call);
          const permission = permissionFor(on, call.query.get('permission'));
          for (const principal of principals(call, kind)) call.instance.state.grant(principal, permission, on);
          return noContent();
        },
      ],
      [
        `DELETE ${path}/${kind}`,
        (call: Call) => {
          const on = target(call);
          for (const principal of principals(call, kind)) call.instance.state.revoke(principal, on);
          return noContent();
        },
      ],
    ]),
  ) as Routes;
}

const base = '/rest/api/latest/projects/{projectKey}';

const project: Target = (call) => {
  requireUser(call);
  return requireProject(call, admin);
};

const repository: Target = (call) => {
  requireUser(call);
  return requireRepo(call, admin);
};

export const permissionRoutes: Routes = {
  ...routesFor(`${base}/permissions`, project),
  ...routesFor(`${base}/repos/{repositorySlug}/permissions`, repository),
};
