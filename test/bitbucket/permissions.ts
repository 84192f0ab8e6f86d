import { isGroup, type Identity, type Project, type Repo, type TokenPermission, type User } from './model.ts';
import type { State } from './state.ts';

/** Nothing, read, write, admin: each includes the ones before it. */
export type Level = 0 | 1 | 2 | 3;
export const none = 0 satisfies Level;
export const read = 1 satisfies Level;
export const write = 2 satisfies Level;
export const admin = 3 satisfies Level;

const levelOf = (permission: string): Level => (permission.endsWith('ADMIN') ? admin : permission.endsWith('WRITE') ? write : read);

const highest = (levels: readonly Level[]): Level => levels.reduce((best, level) => (level > best ? level : best), none);

const lowest = (a: Level, b: Level): Level => (a < b ? a : b);

function granted(state: State, user: User, on: Project | Repo): Level {
  const mine = state.grants.filter((grant) => grant.on === on && (isGroup(grant.to) ? grant.to.members.has(user) : grant.to === user));
  return highest(mine.map((grant) => levelOf(grant.permission)));
}

function userOnProject(state: State, user: User, project: Project): Level {
  if (user.admin || project.owner === user) return admin;
  return granted(state, user, project);
}

function userOnRepo(state: State, user: User, repo: Repo): Level {
  return highest([userOnProject(state, user, repo.project), granted(state, user, repo)]);
}

const strongest = (permissions: readonly TokenPermission[], prefix: string): Level =>
  highest(permissions.filter((permission) => permission.startsWith(prefix)).map(levelOf));

/** What `identity` may do with `repo`. A token never exceeds its owner nor its own permissions. */
export function repoLevel(state: State, identity: Identity, repo: Repo): Level {
  const open: Level = state.publicAccess && (repo.public || repo.project.public) ? read : none;
  if (identity.kind === 'anonymous') return open;
  if (identity.kind !== 'token') return highest([open, userOnRepo(state, identity.user, repo)]);
  const { scope, permissions } = identity.token;
  const cap = strongest(permissions, '');
  if (scope.kind === 'user') return lowest(cap, highest([open, userOnRepo(state, scope.target, repo)]));
  return scope.target === repo || scope.target === repo.project ? cap : open;
}

/** What `identity` may do with `project` itself. */
export function projectLevel(state: State, identity: Identity, project: Project): Level {
  const open: Level = state.publicAccess && project.public ? read : none;
  if (identity.kind === 'anonymous') return open;
  if (identity.kind !== 'token') return highest([open, userOnProject(state, identity.user, project)]);
  const { scope, permissions } = identity.token;
  const cap = strongest(permissions, 'PROJECT_');
  if (scope.kind === 'user') return lowest(cap, highest([open, userOnProject(state, scope.target, project)]));
  return scope.target === project ? cap : open;
}

/** Bitbucket's PROJECT_VIEW: a right on the project, or on any repository in it. */
export function seesProject(state: State, identity: Identity, project: Project): boolean {
  return (
    projectLevel(state, identity, project) > none ||
    state.repos.some((repo) => repo.project === project && repoLevel(state, identity, repo) > none)
  );
}

/** Whether the request reaches administration pages: never by token (BSERV-10482). */
export function isAdmin(identity: Identity): boolean {
  return (identity.kind === 'password' || identity.kind === 'session') && identity.user.admin;
}

/** Whether the credentials may change anything at all: a token with read rights may not, whatever its owner may. */
export function mayChange(identity: Identity): boolean {
  return identity.kind !== 'token' || strongest(identity.token.permissions, '') >= write;
}
