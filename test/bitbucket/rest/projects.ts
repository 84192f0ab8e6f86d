import { alreadyExists, invalid, notPermitted, projectNotEmpty } from '../errors.ts';
import type { Project } from '../model.ts';
import { pageOf } from '../paging.ts';
import { admin, isAdmin, type Level, none, projectLevel, read, repoLevel, seesProject, write } from '../permissions.ts';
import { created, jsonBody, noContent, ok, type Call, type Routes } from '../router.ts';
import { requireProject, requireUser } from './access.ts';
import { avatarFromUri } from './avatars.ts';
import { projectJson } from './json.ts';

const levels: Readonly<Record<string, Level | 'view'>> = {
  PROJECT_VIEW: 'view',
  PROJECT_READ: read,
  PROJECT_WRITE: write,
  PROJECT_ADMIN: admin,
};

function visibleProjects({ instance, identity, query }: Call): Project[] {
  const needed = levels[query.get('permission') ?? 'PROJECT_VIEW'];
  if (needed === undefined) throw invalid('permission', `Unknown permission: ${query.get('permission') ?? ''}`);
  const name = (query.get('name') ?? '').toLowerCase();
  return (
    instance.state.projects
      .filter((project) =>
        needed === 'view' ? seesProject(instance.state, identity, project) : projectLevel(instance.state, identity, project) >= needed,
      )
      // Personal projects are reached by key and through /repos; whether a list shows them differs, so this one does not.
      .filter((project) => project.type === 'NORMAL' && project.name.toLowerCase().includes(name))
      .toSorted((a, b) => a.name.localeCompare(b.name))
  );
}

function validKey(key: unknown): string {
  if (typeof key === 'string' && /^[A-Za-z]\w{0,127}$/.test(key)) return key;
  throw invalid(
    'key',
    'Project keys must start with a letter and may only consist of ASCII letters, numbers and underscores (A-Z, a-z, 0-9, _)',
  );
}

function refuseDuplicate({ instance: { state } }: Call, key: string, name: string, except?: Project): void {
  const others = state.projects.filter((project) => project !== except);
  if (others.some((project) => project.key.toLowerCase() === key.toLowerCase() || project.name === name)) {
    throw alreadyExists('com.atlassian.bitbucket.project.DuplicateProjectKeyException', `The project key ${key} is already in use.`);
  }
}

async function createProject(call: Call) {
  requireUser(call);
  // PROJECT_CREATE is beyond any token, an administrator's too.
  if (!isAdmin(call.identity)) throw notPermitted();
  const { key: asked, name, description, avatar, public: isPublic } = await jsonBody(call);
  const key = validKey(asked);
  const title = typeof name === 'string' ? name : key;
  refuseDuplicate(call, key, title);
  const picture = avatar === undefined ? undefined : avatarFromUri(avatar);
  const { state } = call.instance;
  const project = state.addProject({
    key,
    name: title,
    public: isPublic === true,
    ...(typeof description === 'string' ? { description } : {}),
  });
  project.avatar = picture;
  return created(projectJson(call.instance, project));
}

/** 201 when the key changes, 200 otherwise. */
async function updateProject(call: Call) {
  requireUser(call);
  const project = requireProject(call, admin);
  const { key: asked, name, description, avatar, public: isPublic } = await jsonBody(call);
  const key = asked === undefined ? project.key : validKey(asked).toUpperCase();
  const title = typeof name === 'string' ? name : project.name;
  refuseDuplicate(call, key, title, project);
  if (avatar !== undefined) project.avatar = avatarFromUri(avatar);
  if (typeof description === 'string') project.description = description === '' ? undefined : description;
  if (typeof isPublic === 'boolean') project.public = isPublic;
  project.name = title;
  const rekeyed = key !== project.key;
  if (rekeyed) call.instance.state.rekeyProject(project, key);
  return { status: rekeyed ? 201 : 200, body: projectJson(call.instance, project) };
}

function deleteProject(call: Call) {
  requireUser(call);
  const project = requireProject(call, admin);
  const { state } = call.instance;
  if (state.repos.some((repo) => repo.project === project)) throw projectNotEmpty(project);
  state.removeProject(project);
  return noContent();
}

/** Repositories of one project that the asker can see, by name. */
export function visibleRepos({ instance, identity }: Call, project: Project) {
  return instance.state.repos
    .filter((repo) => repo.project === project && repoLevel(instance.state, identity, repo) > none)
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

export const projectRoutes: Routes = {
  'GET /rest/api/latest/projects': (call) => {
    if (!call.instance.state.publicAccess) requireUser(call);
    const values = visibleProjects(call).map((project) => projectJson(call.instance, project));
    return ok(pageOf(values, call.query, call.instance.pageLimit));
  },
  'POST /rest/api/latest/projects': createProject,
  'GET /rest/api/latest/projects/{projectKey}': (call) => ok(projectJson(call.instance, requireProject(call, 'view'))),
  'PUT /rest/api/latest/projects/{projectKey}': updateProject,
  'DELETE /rest/api/latest/projects/{projectKey}': deleteProject,
};
