import { isRepo, type Project, type Repo, type Token, type User } from '../model.ts';
import type { Instance } from '../instance.ts';

/** The JSON of each thing, with the fields recorded answers have. */

export function userJson(instance: Instance, user: User): object {
  return {
    name: user.name,
    emailAddress: user.emailAddress,
    active: user.active,
    displayName: user.displayName,
    id: user.id,
    slug: user.slug,
    type: user.type,
    links: { self: [{ href: `${instance.url}/users/${user.slug}` }] },
  };
}

export function projectJson(instance: Instance, project: Project): object {
  const { owner } = project;
  return {
    key: project.key,
    id: project.id,
    name: project.name,
    ...(project.description === undefined ? {} : { description: project.description }),
    ...(owner === undefined ? { public: project.public } : {}),
    type: project.type,
    ...(owner === undefined ? {} : { owner: userJson(instance, owner) }),
    links: { self: [{ href: instance.url + webPath(project) }] },
  };
}

export function repoJson(instance: Instance, repo: Repo): object {
  const path = `${repo.project.key.toLowerCase()}/${repo.slug}.git`;
  const { hostname } = new URL(instance.url);
  return {
    slug: repo.slug,
    id: repo.id,
    name: repo.name,
    ...(repo.description === undefined ? {} : { description: repo.description }),
    hierarchyId: repo.hierarchyId,
    scmId: 'git',
    state: 'AVAILABLE',
    statusMessage: 'Available',
    forkable: repo.forkable,
    ...(repo.origin === undefined ? {} : { origin: repoJson(instance, repo.origin) }),
    project: projectJson(instance, repo.project),
    public: repo.public,
    archived: repo.archived,
    links: {
      clone: [
        { href: `ssh://git@${hostname}:7999/${path}`, name: 'ssh' },
        { href: `${instance.url}/scm/${path}`, name: 'http' },
      ],
      self: [{ href: `${instance.url}${webPath(repo)}/browse` }],
    },
  };
}

/** Where people see it. */
export function webPath(resource: Project | Repo): string {
  if (isRepo(resource)) return `${webPath(resource.project)}/repos/${resource.slug}`;
  return resource.owner === undefined ? `/projects/${resource.key}` : `/users/${resource.owner.slug}`;
}

export function tokenJson(instance: Instance, token: Token): object {
  return {
    id: token.id,
    createdDate: token.createdDate,
    ...(token.lastAuthenticated === undefined ? {} : { lastAuthenticated: token.lastAuthenticated }),
    ...(token.expiryDate === undefined ? {} : { expiryDate: token.expiryDate }),
    name: token.name,
    permissions: token.permissions,
    ...scopeJson(instance, token),
  };
}

function scopeJson(instance: Instance, { scope }: Token): object {
  if (scope.kind === 'user') return { user: userJson(instance, scope.target) };
  if (scope.kind === 'project') return { project: projectJson(instance, scope.target) };
  return { repository: repoJson(instance, scope.target) };
}
