import { authenticationRequired, noSuchProject, noSuchRepo, noSuchUser, notPermitted } from '../errors.ts';
import type { Project, Repo, User } from '../model.ts';
import { isAdmin, type Level, none, projectLevel, repoLevel, seesProject } from '../permissions.ts';
import type { Call } from '../router.ts';

/** Who is asking. @throws BitbucketError 401 for the anonymous. */
export function requireUser({ identity }: Call): User {
  if (identity.kind === 'anonymous') throw authenticationRequired();
  return identity.user;
}

/** @throws BitbucketError 401 unless an administrator asks by password or session. */
export function requireAdmin(call: Call): User {
  const user = requireUser(call);
  if (!isAdmin(call.identity)) throw notPermitted();
  return user;
}

/**
 * The project `{projectKey}` names.
 * @throws BitbucketError 404 when it is absent or invisible, 401 when visible but the right is too small.
 */
export function requireProject(call: Call, needed: Level | 'view'): Project {
  const { instance, identity, params } = call;
  const key = params['projectKey'] ?? '';
  const project = instance.state.findProject(key);
  const visible = project !== undefined && seesProject(instance.state, identity, project);
  if (identity.kind === 'anonymous' && !visible) throw authenticationRequired();
  if (!visible) throw noSuchProject(key);
  if (needed !== 'view' && projectLevel(instance.state, identity, project) < needed) throw notPermitted();
  return project;
}

/**
 * The repository `{projectKey}` and `{repositorySlug}` name.
 * @throws BitbucketError 404 when it is absent or invisible, 401 when visible but the right is too small.
 */
export function requireRepo(call: Call, needed: Level): Repo {
  const { instance, identity, params } = call;
  const [key = '', slug = ''] = [params['projectKey'], params['repositorySlug']];
  const repo = instance.state.findRepo(key, slug);
  const level = repo === undefined ? none : repoLevel(instance.state, identity, repo);
  if (repo === undefined || level === none) {
    if (identity.kind === 'anonymous') throw authenticationRequired();
    const project = instance.state.findProject(key);
    throw project !== undefined && seesProject(instance.state, identity, project) ? noSuchRepo(project.key, slug) : noSuchProject(key);
  }
  if (level < needed) throw notPermitted();
  return repo;
}

/** The user `{userSlug}` names. @throws BitbucketError 404. */
export function requireNamedUser({ instance, params }: Call): User {
  const slug = params['userSlug'] ?? '';
  const user = instance.state.findUser(slug);
  if (user === undefined) throw noSuchUser(slug);
  return user;
}
