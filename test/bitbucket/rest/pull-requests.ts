import { alreadyExists, invalid, noSuchPullRequest } from '../errors.ts';
import type { PullRequest, Repo } from '../model.ts';
import { pageOf } from '../paging.ts';
import { read } from '../permissions.ts';
import { addPullRequest } from '../pull-requests.ts';
import { resolveRef } from '../repository.ts';
import { created, jsonBody, ok, type Call, type Routes } from '../router.ts';
import { requireRepo, requireUser } from './access.ts';
import { pullRequestJson, userJson } from './json.ts';

function listPullRequests(call: Call) {
  const repo = requireRepo(call, read);
  const state = (call.query.get('state') ?? 'OPEN').toUpperCase();
  const oldestFirst = call.query.get('order')?.toUpperCase() === 'OLDEST';
  const found = repo.pullRequests
    .filter((pull) => state === 'ALL' || pull.state === state)
    .toSorted((a, b) => (oldestFirst ? a.id - b.id : b.id - a.id))
    .map((pull) => pullRequestJson(call.instance, repo, pull));
  return ok(pageOf(found, call.query, call.instance.pageLimit));
}

function requirePullRequest(call: Call): { repo: Repo; pull: PullRequest } {
  const repo = requireRepo(call, read);
  const id = call.params['pullRequestId'] ?? '';
  const pull = repo.pullRequests.find((candidate) => String(candidate.id) === id);
  if (pull === undefined) throw noSuchPullRequest(id, repo);
  return { repo, pull };
}

/** The branch a request's `fromRef` or `toRef` names. */
async function branchOf(repo: Repo, ref: unknown, field: string): Promise<string> {
  const id = typeof ref === 'object' && ref !== null && 'id' in ref ? String(ref.id) : '';
  const branch = id.replace(/^refs\/heads\//, '');
  if (branch === '' || (await resolveRef(repo.folder, `refs/heads/${branch}`)) === undefined) {
    throw invalid(field, `Repository "${repo.slug}" of project with key "${repo.project.key}" has no branch "${branch}"`);
  }
  return branch;
}

/** Ids cannot be chosen, the author is whoever asks, and the dates are now. */
async function createPullRequest(call: Call) {
  const author = requireUser(call);
  const repo = requireRepo(call, read);
  const request = await jsonBody(call);
  const { title, description } = request;
  if (typeof title !== 'string' || title === '') throw invalid('title', 'A title is required.');
  const [from, to] = [await branchOf(repo, request['fromRef'], 'fromRef'), await branchOf(repo, request['toRef'], 'toRef')];
  const same = (pull: PullRequest) => pull.state === 'OPEN' && pull.from.ref === `refs/heads/${from}` && pull.to.ref === `refs/heads/${to}`;
  if (repo.pullRequests.some(same)) {
    const exception = 'com.atlassian.bitbucket.pull.DuplicatePullRequestException';
    throw alreadyExists(exception, 'Only one pull request may be open for a given source and target branch.');
  }
  const pull = await addPullRequest(repo, {
    from,
    to,
    title,
    author,
    reviewers: reviewersOf(call, request['reviewers']),
    createdDate: call.instance.clock.now(),
    ...(typeof description === 'string' ? { description } : {}),
  });
  return created(pullRequestJson(call.instance, repo, pull));
}

function reviewersOf({ instance: { state } }: Call, list: unknown) {
  const names = Array.isArray(list) ? list.map((entry: { user?: { name?: unknown } }) => String(entry.user?.name)) : [];
  return names.map((name) => {
    const user = state.findUser(name);
    if (user === undefined) throw invalid('reviewers', `Unknown reviewer: ${name}`);
    return user;
  });
}

const base = '/rest/api/latest/projects/{projectKey}/repos/{repositorySlug}/pull-requests';

export const pullRequestRoutes: Routes = {
  [`GET ${base}`]: listPullRequests,
  [`POST ${base}`]: createPullRequest,
  // Comments without a file are found here and nowhere else.
  [`GET ${base}/{pullRequestId}/activities`]: (call) => {
    const { pull } = requirePullRequest(call);
    const opened = { id: pull.id * 1000, createdDate: pull.createdDate, user: userJson(call.instance, pull.author), action: 'OPENED' };
    return ok(pageOf([...pull.activities, opened], call.query, call.instance.pageLimit));
  },
  [`GET ${base}/{pullRequestId}`]: (call) => {
    const { repo, pull } = requirePullRequest(call);
    return ok(pullRequestJson(call.instance, repo, pull));
  },
};
