import type { Place } from '../../comments.ts';
import type { Answer, Call, Handler, Routes } from '../../router.ts';
import { requirePullRequest } from './access.ts';
import { listBlockers } from './blockers.ts';
import { createPullRequest, deletePullRequest, updatePullRequest } from './change.ts';
import { getComment, listComments, postComment, putComment, removeComment } from './discussion.ts';
import { decline, mergeability, mergePullRequest, reopen } from './ends.ts';
import { getPullRequest, listActivities, listPullRequests } from './list.ts';
import { addReviewer, approve, listParticipants, removeReviewer, setStatus, withdraw } from './participants.ts';
import { deleteReaction, putReaction } from './reactions.ts';

const repo = 'projects/{projectKey}/repos/{repositorySlug}';
const all = `/rest/api/latest/${repo}/pull-requests`;
const one = `${all}/{pullRequestId}`;
const reaction = `/rest/comment-likes/latest/${repo}/pull-requests/{pullRequestId}/comments/{commentId}/reactions/{emoticon}`;

const here =
  (handler: (call: Call, place: Place) => Answer | Promise<Answer>): Handler =>
  (call) =>
    handler(call, requirePullRequest(call));

const item = (path: string): Routes => ({
  [`GET ${path}/{commentId}`]: here(getComment),
  [`PUT ${path}/{commentId}`]: here(putComment),
  [`DELETE ${path}/{commentId}`]: here(removeComment),
});

export const pullRequestRoutes: Routes = {
  [`GET ${all}`]: listPullRequests,
  [`POST ${all}`]: createPullRequest,
  [`GET ${one}`]: getPullRequest,
  [`PUT ${one}`]: updatePullRequest,
  [`DELETE ${one}`]: deletePullRequest,
  [`POST ${one}/decline`]: decline,
  [`POST ${one}/reopen`]: reopen,
  [`GET ${one}/merge`]: mergeability,
  [`POST ${one}/merge`]: mergePullRequest,
  [`GET ${one}/activities`]: listActivities,
  [`GET ${one}/participants`]: listParticipants,
  [`POST ${one}/participants`]: addReviewer,
  [`PUT ${one}/participants/{userSlug}`]: setStatus,
  [`DELETE ${one}/participants/{userSlug}`]: removeReviewer,
  [`POST ${one}/approve`]: approve,
  [`DELETE ${one}/approve`]: withdraw,
  [`GET ${one}/comments`]: here(listComments),
  [`POST ${one}/comments`]: here(postComment),
  ...item(`${one}/comments`),
  [`GET ${one}/blocker-comments`]: listBlockers,
  [`POST ${one}/blocker-comments`]: (call) => postComment(call, requirePullRequest(call), 'BLOCKER'),
  ...item(`${one}/blocker-comments`),
  [`PUT ${reaction}`]: here(putReaction),
  [`DELETE ${reaction}`]: here(deleteReaction),
};
