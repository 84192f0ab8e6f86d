import { invalid, noSuchUser, notPermitted } from '../../errors.ts';
import type { PullRequest, ReviewStatus, User } from '../../model.ts';
import { pageOf } from '../../paging.ts';
import { read, repoLevel, write } from '../../permissions.ts';
import { participantOf, review, setReviewers } from '../../reviews.ts';
import { type Call, jsonBody, noContent, ok } from '../../router.ts';
import { requireNamedUser } from '../access.ts';
import { userJson } from '../json.ts';
import { doingIn, type Found, requirePullRequest } from './access.ts';
import { authorsDoNotReview, outOfDate, wrongReviewers, wrongState } from './errors.ts';
import { participantJson, pullRequestJson } from './json.ts';
import { word } from '../word.ts';

const roleOf = (pull: PullRequest, user: User): string =>
  pull.reviewers.some((other) => other.user === user) ? 'REVIEWER' : 'PARTICIPANT';

export function listParticipants(call: Call) {
  const { pull } = requirePullRequest(call);
  const { instance } = call;
  const all = [
    { user: userJson(instance, pull.author), role: 'AUTHOR', approved: false, status: 'UNAPPROVED' },
    ...pull.reviewers.map((reviewer) => participantJson(instance, reviewer, 'REVIEWER')),
    ...pull.participants.map((participant) => participantJson(instance, participant, 'PARTICIPANT')),
  ];
  return ok(pageOf(all, call.query, instance.pageLimit));
}

const statuses: readonly ReviewStatus[] = ['UNAPPROVED', 'NEEDS_WORK', 'APPROVED'];

/** Everyone gives their own verdict, nobody another's. */
export async function setStatus(call: Call) {
  const found = requirePullRequest(call);
  const doing = doingIn(call, found.repo);
  if (requireNamedUser(call) !== doing.user) throw notPermitted();
  const { status: wanted } = await jsonBody(call);
  const status = statuses.find((candidate) => candidate === wanted);
  if (status === undefined) throw invalid('status', `${word(wanted)} is not a valid participant status.`);
  const version = call.query.get('version');
  if (version !== null && Number(version) !== found.pull.version) {
    throw outOfDate(Number(version), pullRequestJson(call.instance, found.repo, found.pull));
  }
  return verdict(call, found, status);
}

/** The older way: approve, and take it back. */
export const approve = (call: Call) => verdict(call, requirePullRequest(call), 'APPROVED');
export const withdraw = (call: Call) => verdict(call, requirePullRequest(call), 'UNAPPROVED');

function verdict(call: Call, { repo, pull }: Found, status: ReviewStatus) {
  const doing = doingIn(call, repo);
  if (doing.user === pull.author) throw authorsDoNotReview();
  if (pull.state !== 'OPEN') throw wrongState('This pull request is not open.');
  return ok(participantJson(call.instance, review(repo, pull, doing, status), roleOf(pull, doing.user)));
}

/** Asks one more user to review. */
export async function addReviewer(call: Call) {
  const { repo, pull } = requirePullRequest(call);
  const doing = doingIn(call, repo);
  const { state } = call.instance;
  if (repoLevel(state, call.identity, repo) < write) throw notPermitted();
  const { user: named, role } = await jsonBody(call);
  if (role !== 'REVIEWER') throw invalid('role', 'Only reviewers can be added.');
  const name = word((named as { name?: unknown } | undefined)?.name);
  const user = state.findUser(name);
  if (user === undefined) throw noSuchUser(name);
  if (user === pull.author || repoLevel(state, { kind: 'password', user }, repo) < read) {
    throw wrongReviewers([{ context: name, message: `${name} cannot review this pull request.` }], []);
  }
  setReviewers(repo, pull, doing, [...new Set([...pull.reviewers.map((other) => other.user), user])]);
  pull.version += 1;
  const reviewer = participantOf(pull, user);
  return ok(reviewer === undefined ? {} : participantJson(call.instance, reviewer, 'REVIEWER'));
}

export function removeReviewer(call: Call) {
  const { repo, pull } = requirePullRequest(call);
  const doing = doingIn(call, repo);
  if (repoLevel(call.instance.state, call.identity, repo) < write) throw notPermitted();
  const user = requireNamedUser(call);
  const rest = pull.reviewers.map((other) => other.user).filter((other) => other !== user);
  setReviewers(repo, pull, doing, rest);
  pull.version += 1;
  return noContent();
}
