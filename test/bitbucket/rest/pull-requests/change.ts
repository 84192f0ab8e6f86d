import { invalid, noSuchProject, noSuchRepo, notPermitted } from '../../errors.ts';
import type { PullRequest, Repo, User } from '../../model.ts';
import { none, read, repoLevel, write } from '../../permissions.ts';
import { addPullRequest, contains } from '../../pull-requests.ts';
import { resolveRef } from '../../repository.ts';
import { setReviewers } from '../../reviews.ts';
import { type Call, created, jsonBody, noContent, ok } from '../../router.ts';
import { requireRepo } from '../access.ts';
import { userJson } from '../json.ts';
import { administers, doingIn, type Found, requirePullRequest, requireText, requireVersion } from './access.ts';
import { duplicate, noSuchBranch, nothingToMerge, sameBranch, unrelated, wrongReviewers, wrongState } from './errors.ts';
import { pullRequestJson, shortRef } from './json.ts';
import { word } from '../word.ts';

const longestTitle = 255;

function requireTitle(title: unknown): string {
  if (typeof title === 'string' && title.trim() !== '' && title.length <= longestTitle) return title;
  throw invalid('title', `Please enter a non-empty title of at most ${longestTitle} characters`);
}

const descriptionOf = (value: unknown): string | undefined =>
  value === undefined || value === null || value === '' ? undefined : requireText('description', value);

/** The repository a request's `fromRef` or `toRef` names; the one in the path when it names none. */
function repoOf(call: Call, ref: unknown, otherwise: Repo): Repo {
  const named = (ref as { repository?: { slug?: unknown; project?: { key?: unknown } } } | null)?.repository;
  if (named?.slug === undefined) return otherwise;
  const [key, slug] = [word(named.project?.key), word(named.slug)];
  const { state } = call.instance;
  const repo = state.findRepo(key, slug);
  if (repo !== undefined && repoLevel(state, call.identity, repo) > none) return repo;
  throw state.findProject(key) === undefined ? noSuchProject(key) : noSuchRepo(key, slug);
}

/** The branch a request's `fromRef` or `toRef` names. */
async function branchOf(repo: Repo, ref: unknown, field: string): Promise<string> {
  const id = typeof ref === 'object' && ref !== null && 'id' in ref ? word(ref.id) : '';
  if (id === '') throw invalid(field, 'A branch is required.');
  const branch = shortRef(id);
  if ((await resolveRef(repo.folder, `refs/heads/${branch}`)) === undefined) throw noSuchBranch(field, branch, repo);
  return branch;
}

/** Ids cannot be chosen, the author is whoever asks, the date is now, and the state is OPEN. */
export async function createPullRequest(call: Call) {
  const repo = requireRepo(call, read);
  const doing = doingIn(call, repo);
  const request = await jsonBody(call);
  const title = requireTitle(request['title']);
  const description = descriptionOf(request['description']);
  const fromRepo = repoOf(call, request['fromRef'], repo);
  if (fromRepo.hierarchyId !== repo.hierarchyId) throw unrelated();
  const [from, to] = [await branchOf(fromRepo, request['fromRef'], 'fromRef'), await branchOf(repo, request['toRef'], 'toRef')];
  if (fromRepo === repo && from === to) throw sameBranch();
  const existing = repo.pullRequests.find((pull) => pull.state === 'OPEN' && joins(pull, { fromRepo, from, to }));
  if (existing !== undefined) throw duplicate(pullRequestJson(call.instance, repo, existing));
  if (await arrived(repo, to, fromRepo, from)) throw nothingToMerge(from, to, repo.slug);
  const reviewers = reviewersOf(call, { repo, author: doing.user }, request['reviewers']);
  const pull = await addPullRequest(repo, {
    from,
    to,
    fromRepo,
    title,
    author: doing.user,
    reviewers,
    createdDate: doing.at,
    ...(description === undefined ? {} : { description }),
  });
  return created(pullRequestJson(call.instance, repo, pull));
}

const joins = (pull: PullRequest, { fromRepo, from, to }: { fromRepo: Repo; from: string; to: string }): boolean =>
  pull.from.repo === fromRepo && shortRef(pull.from.ref) === from && shortRef(pull.to.ref) === to;

async function arrived(repo: Repo, to: string, fromRepo: Repo, from: string): Promise<boolean> {
  const commit = await resolveRef(fromRepo.folder, `refs/heads/${from}`);
  return commit !== undefined && contains(repo, `refs/heads/${to}`, commit);
}

/** @throws BitbucketError 409 when one cannot review: nobody, the author, or someone who cannot read the repository. */
function reviewersOf(call: Call, { repo, author }: { repo: Repo; author: User }, list: unknown): User[] {
  const { state } = call.instance;
  const names = Array.isArray(list) ? list.map((entry: { user?: { name?: unknown } }) => entry.user?.name) : [];
  const errors: { context: string; message: string }[] = [];
  const users: User[] = [];
  for (const name of names) {
    if (typeof name !== 'string' || name === '') throw invalid('reviewers', "A reviewer's username was not specified.");
    const user = state.users.find((candidate) => candidate.type === 'NORMAL' && candidate.name.toLowerCase() === name.toLowerCase());
    const refuse = (message: string) => errors.push({ context: name, message });
    if (user?.active !== true) refuse(`${name} is not a user.`);
    else if (user === author) refuse(`${name} is the author of the pull request and cannot be a reviewer.`);
    else if (repoLevel(state, { kind: 'password', user }, repo) < read) refuse(`${name} does not have permission to view the repository.`);
    else users.push(user);
  }
  if (errors.length > 0)
    throw wrongReviewers(
      errors,
      users.map((user) => ({ user: userJson(call.instance, user), role: 'REVIEWER', approved: false, status: 'UNAPPROVED' })),
    );
  return [...new Set(users)];
}

/** @throws BitbucketError 401 unless the author asks, or someone who may write. */
export function requireSay(call: Call, { repo, pull }: Found, user: User): void {
  if (pull.author !== user && repoLevel(call.instance.state, call.identity, repo) < write) throw notPermitted();
}

/** Title, description and reviewers. A title that is missing stays; a description or reviewers that are missing go. */
export async function updatePullRequest(call: Call) {
  const found = requirePullRequest(call);
  const { repo, pull } = found;
  const doing = doingIn(call, repo);
  requireSay(call, found, doing.user);
  const request = await jsonBody(call);
  if (request['version'] === undefined) throw invalid('version', "The pull request's version attribute was not specified.");
  requireVersion(call, found, request);
  const author = (request['author'] as { user?: { name?: unknown } } | undefined)?.user?.name;
  if (author !== undefined && author !== pull.author.name) throw invalid('author', 'The author of a pull request cannot be changed.');
  if (pull.state !== 'OPEN') throw wrongState('Only open pull requests may be updated.');
  const title = request['title'] === undefined ? pull.title : requireTitle(request['title']);
  const description = descriptionOf(request['description']);
  setReviewers(repo, pull, doing, reviewersOf(call, { repo, author: pull.author }, request['reviewers']));
  Object.assign(pull, { title, description, version: pull.version + 1, updatedDate: doing.at });
  return ok(pullRequestJson(call.instance, repo, pull));
}

/** By the author or an administrator; never a merged one. Its number is not given again. */
export async function deletePullRequest(call: Call) {
  const found = requirePullRequest(call);
  const { repo, pull } = found;
  const { user } = doingIn(call, repo);
  if (pull.author !== user && !administers(call, repo)) throw notPermitted();
  requireVersion(call, found, await jsonBody(call));
  if (pull.state === 'MERGED') throw wrongState('This pull request has already been merged and cannot be deleted.');
  repo.pullRequests.splice(repo.pullRequests.indexOf(pull), 1);
  return noContent();
}
