import { alreadyExists, BitbucketError, invalid } from '../errors.ts';
import type { Repo } from '../model.ts';
import { pageOf } from '../paging.ts';
import { admin, type Level, read, repoLevel, write } from '../permissions.ts';
import { git } from '../repository.ts';
import { created, jsonBody, ok, type Call, type Routes } from '../router.ts';
import { requireProject, requireRepo, requireUser } from './access.ts';
import { repoJson } from './json.ts';
import { visibleRepos } from './projects.ts';
import { refuseDuplicate, validName } from './repo-rules.ts';

const levels: Readonly<Record<string, Level>> = { REPO_READ: read, REPO_WRITE: write, REPO_ADMIN: admin };

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

/** With PROJECT_ADMIN, which is what REPO_CREATE comes to. No branch is the default one before the first push unless one is named. */
async function createRepo(call: Call) {
  requireUser(call);
  const project = requireProject(call, admin);
  const { name, description, defaultBranch, forkable, public: isPublic, scmId } = await jsonBody(call);
  const { state } = call.instance;
  const title = validName(name);
  if (scmId !== undefined && scmId !== 'git') throw invalid('scmId', 'The only SCM is git.');
  refuseDuplicate(state, project.key, title);
  const repo = state.addRepo({
    project,
    name: title,
    forkable: forkable !== false,
    public: isPublic === true,
    ...(typeof description === 'string' && description !== '' ? { description } : {}),
    ...(typeof defaultBranch === 'string' ? { defaultBranch } : {}),
  });
  return created(repoJson(call.instance, repo));
}

/** Renames, moves, archives, describes. An archived one has to be taken out of the archive first, or with it. */
async function updateRepo(call: Call) {
  requireUser(call);
  const repo = requireRepo(call, admin);
  const request = await jsonBody(call);
  const { archived } = request;
  if (repo.archived && archived !== false) throw readOnly();
  if (archived === true && repo.pullRequests.some(({ state }) => state === 'OPEN')) throw hasOpenPullRequests();
  await describe(repo, request);
  move(call, repo, request);
  if (typeof archived === 'boolean') repo.archived = archived;
  return created(repoJson(call.instance, repo));
}

async function describe(repo: Repo, request: Readonly<Record<string, unknown>>): Promise<void> {
  const { description, forkable, public: isPublic, defaultBranch } = request;
  if (typeof isPublic === 'boolean') repo.public = isPublic;
  if (typeof forkable === 'boolean') repo.forkable = forkable;
  if (typeof description === 'string') repo.description = description === '' ? undefined : description;
  if (typeof defaultBranch !== 'string') return;
  await git(repo.folder, ['symbolic-ref', 'HEAD', `refs/heads/${defaultBranch.replace(/^refs\/heads\//, '')}`]);
  repo.defaultBranchChosen = true;
}

function move(call: Call, repo: Repo, { name, project }: Readonly<Record<string, unknown>>): void {
  const { state } = call.instance;
  const key = typeof project === 'object' && project !== null && 'key' in project ? String(project.key) : repo.project.key;
  const target = state.findProject(key) === repo.project ? repo.project : requireProject({ ...call, params: { projectKey: key } }, admin);
  const title = name === undefined ? repo.name : validName(name);
  if (title === repo.name && target === repo.project) return;
  refuseDuplicate(state, target.key, title, repo);
  state.moveRepo(repo, { name: title, project: target });
}

const readOnly = () =>
  alreadyExists(
    'com.atlassian.bitbucket.repository.ReadOnlyRepositoryException',
    'This repository is archived. Archived repositories are read-only.',
  );

const hasOpenPullRequests = () =>
  new BitbucketError(403, [
    {
      context: 'archived',
      message: 'Cannot archive repository because it has open pull requests.',
      exceptionName: 'com.atlassian.bitbucket.repository.RepositoryArchivingException',
    },
  ]);

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
};
