import { alreadyExists, invalid } from '../errors.ts';
import type { Repo } from '../model.ts';
import { pageOf } from '../paging.ts';
import { admin, type Level, read, repoLevel, write } from '../permissions.ts';
import { created, jsonBody, ok, type Call, type Routes } from '../router.ts';
import { requireProject, requireRepo, requireUser } from './access.ts';
import { repoJson } from './json.ts';
import { visibleRepos } from './projects.ts';

const levels: Readonly<Record<string, Level>> = { REPO_READ: read, REPO_WRITE: write, REPO_ADMIN: admin };
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}\-_. ]{0,127}$/u;

function page(call: Call, repos: readonly Repo[]) {
  return ok(
    pageOf(
      repos.map((repo) => repoJson(call.instance, repo)),
      call.query,
      call.instance.pageLimit,
    ),
  );
}

/** `archived` is ACTIVE, ARCHIVED or ALL; a list without it holds active ones only. */
function archivedAsAsked(query: URLSearchParams): (repo: Repo) => boolean {
  const wanted = (query.get('archived') ?? 'ACTIVE').toUpperCase();
  return (repo) => wanted === 'ALL' || repo.archived === (wanted === 'ARCHIVED');
}

function searchRepos(call: Call) {
  const { instance, identity, query } = call;
  if (!instance.state.publicAccess) requireUser(call);
  const visibility = query.get('visibility');
  if (visibility !== null && visibility !== 'public' && visibility !== 'private') throw invalid('visibility', 'Invalid visibility.');
  const contains = (text: string, parameter: string) => text.toLowerCase().includes((query.get(parameter) ?? '').toLowerCase());
  const needed = levels[query.get('permission') ?? 'REPO_READ'] ?? read;
  const projectKey = query.get('projectkey');
  const found = instance.state.repos
    .filter((repo) => repoLevel(instance.state, identity, repo) >= needed)
    .filter(archivedAsAsked(query))
    .filter((repo) => contains(repo.name, 'name') && contains(repo.project.name, 'projectname'))
    .filter((repo) => projectKey === null || repo.project.key.toLowerCase() === projectKey.toLowerCase())
    .filter((repo) => visibility === null || (repo.public || repo.project.public) === (visibility === 'public'));
  return page(call, found);
}

async function createRepo(call: Call) {
  requireUser(call);
  const project = requireProject(call, admin);
  const { name, description, defaultBranch } = await jsonBody(call);
  const title = validName(name);
  refuseDuplicate(call, project.key, title);
  const repo = call.instance.state.addRepo({
    project,
    name: title,
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof defaultBranch === 'string' ? { defaultBranch } : {}),
  });
  return created(repoJson(call.instance, repo));
}

function validName(name: unknown): string {
  if (typeof name === 'string' && namePattern.test(name)) return name;
  throw invalid(
    'name',
    'Repository names are limited to 128 characters. They must start with a letter or number and may contain spaces, hyphens, underscores and periods',
  );
}

function refuseDuplicate({ instance: { state } }: Call, projectKey: string, name: string): void {
  const taken = state.repos.some((repo) => repo.project.key === projectKey && repo.name.toLowerCase() === name.toLowerCase());
  if (taken) {
    throw alreadyExists('com.atlassian.bitbucket.repository.DuplicateRepositoryException', 'This repository URL is already taken.');
  }
}

/** Renames, moves, archives, describes. */
async function updateRepo(call: Call) {
  requireUser(call);
  const repo = requireRepo(call, admin);
  const { name, project, archived, description, public: isPublic } = await jsonBody(call);
  const { state } = call.instance;
  const key = typeof project === 'object' && project !== null && 'key' in project ? String(project.key) : repo.project.key;
  const target = state.findProject(key) === repo.project ? repo.project : requireProject({ ...call, params: { projectKey: key } }, admin);
  const title = name === undefined ? repo.name : validName(name);
  if (title !== repo.name || target !== repo.project) {
    if (title.toLowerCase() !== repo.name.toLowerCase() || target !== repo.project) refuseDuplicate(call, target.key, title);
    state.moveRepo(repo, { name: title, project: target });
  }
  if (typeof archived === 'boolean') repo.archived = archived;
  if (typeof isPublic === 'boolean') repo.public = isPublic;
  if (typeof description === 'string') repo.description = description;
  return created(repoJson(call.instance, repo));
}

/** 202, then 404: deletion is only scheduled. */
function deleteRepo(call: Call) {
  requireUser(call);
  const repo = requireRepo(call, admin);
  call.instance.state.removeRepo(repo);
  return { status: 202, body: { context: null, message: 'Repository scheduled for deletion.', exceptionName: null } };
}

export const repoRoutes: Routes = {
  'GET /rest/api/latest/repos': searchRepos,
  'GET /rest/api/latest/projects/{projectKey}/repos': (call) => page(call, visibleRepos(call, requireProject(call, 'view'))),
  'POST /rest/api/latest/projects/{projectKey}/repos': createRepo,
  'GET /rest/api/latest/projects/{projectKey}/repos/{repositorySlug}': (call) => ok(repoJson(call.instance, requireRepo(call, read))),
  'PUT /rest/api/latest/projects/{projectKey}/repos/{repositorySlug}': updateRepo,
  'DELETE /rest/api/latest/projects/{projectKey}/repos/{repositorySlug}': deleteRepo,
  'GET /rest/api/latest/projects/{projectKey}/repos/{repositorySlug}/forks': (call) => {
    const origin = requireRepo(call, read);
    const { state } = call.instance;
    return page(
      call,
      state.repos.filter((repo) => repo.origin === origin && repoLevel(state, call.identity, repo) >= read),
    );
  },
};
