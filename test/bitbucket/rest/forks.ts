import { noSuchProject } from '../errors.ts';
import { copyRefs } from '../merging.ts';
import type { Project } from '../model.ts';
import { pageOf } from '../paging.ts';
import { admin, read, repoLevel } from '../permissions.ts';
import { type Call, created, jsonBody, ok, type Routes } from '../router.ts';
import { requireProject, requireRepo, requireUser } from './access.ts';
import { repoJson } from './json.ts';
import { notForkable, refuseDuplicate, validName } from './repo-rules.ts';
import { word } from './word.ts';

/** Into the project named, or the asker's personal one. Needs read here and PROJECT_ADMIN there. */
async function fork(call: Call) {
  const user = requireUser(call);
  const origin = requireRepo(call, read);
  const { name, project: named, defaultBranch } = await jsonBody(call);
  const { instance } = call;
  const { state } = instance;
  if (!origin.forkable) throw notForkable(origin);
  const key = (named as { key?: unknown } | undefined)?.key;
  let project: Project;
  if (key === undefined) {
    if (user.type === 'SERVICE') throw noSuchProject(`~${user.slug.toUpperCase()}`);
    const personal = state.projects.find(({ owner }) => owner === user) ?? state.addPersonalProject(user);
    project = requireProject({ ...call, params: { projectKey: personal.key } }, admin);
  } else project = requireProject({ ...call, params: { projectKey: word(key) } }, admin);
  const title = name === undefined ? origin.name : validName(name);
  refuseDuplicate(state, project.key, title);
  const { description, forkable } = origin;
  const added = state.addRepo({ project, name: title, origin, forkable, ...(description === undefined ? {} : { description }) });
  await copyRefs(origin, added, typeof defaultBranch === 'string' ? defaultBranch : undefined);
  added.defaultBranchChosen = origin.defaultBranchChosen;
  return created(repoJson(instance, added));
}

function listForks(call: Call) {
  const origin = requireRepo(call, read);
  const { state } = call.instance;
  const forks = state.repos.filter((repo) => repo.origin === origin && repoLevel(state, call.identity, repo) >= read);
  const values = forks.map((repo) => repoJson(call.instance, repo));
  return ok(pageOf(values, call.query, call.instance.pageLimit));
}

const one = '/rest/api/latest/projects/{projectKey}/repos/{repositorySlug}';

export const forkRoutes: Routes = {
  [`POST ${one}`]: fork,
  [`GET ${one}/forks`]: listForks,
};
