import type { Place } from '../comments.ts';
import { read } from '../permissions.ts';
import { git } from '../repository.ts';
import type { Answer, Call, Handler, Routes } from '../router.ts';
import { requireRepo } from './access.ts';
import { getComment, listComments, postComment, putComment, removeComment } from './pull-requests/discussion.ts';
import { noSuchCommit } from './pull-requests/errors.ts';
import { deleteReaction, putReaction } from './pull-requests/reactions.ts';

/** The commit the path names, by its full hash or the beginning of it. @throws BitbucketError 404. */
async function requireCommit(call: Call): Promise<Place> {
  const repo = requireRepo(call, read);
  const asked = call.params['commitId'] ?? '';
  const known = /^[0-9a-f]{4,40}$/.test(asked)
    ? await git(repo.folder, ['rev-parse', '--verify', '--quiet', `${asked}^{commit}`]).catch(() => '')
    : '';
  if (known === '') throw noSuchCommit(asked, repo);
  return { repo, commit: known.trim() };
}

const here =
  (handler: (call: Call, place: Place) => Answer | Promise<Answer>): Handler =>
  async (call) =>
    handler(call, await requireCommit(call));

const commit = 'projects/{projectKey}/repos/{repositorySlug}/commits/{commitId}/comments';
const comments = `/rest/api/latest/${commit}`;
const reaction = `/rest/comment-likes/latest/${commit}/{commentId}/reactions/{emoticon}`;

export const commitCommentRoutes: Routes = {
  [`GET ${comments}`]: here(listComments),
  [`POST ${comments}`]: here(postComment),
  [`GET ${comments}/{commentId}`]: here(getComment),
  [`PUT ${comments}/{commentId}`]: here(putComment),
  [`DELETE ${comments}/{commentId}`]: here(removeComment),
  [`PUT ${reaction}`]: here(putReaction),
  [`DELETE ${reaction}`]: here(deleteReaction),
};
