import { BitbucketError } from '../../errors.ts';

const refusal = (status: number, exception: string, message: string, more: Readonly<Record<string, unknown>> = {}) =>
  new BitbucketError(status, [{ context: null, message, exceptionName: `com.atlassian.bitbucket.${exception}`, ...more }]);

export const noSuchBranch = (field: string, branch: string, repo: { slug: string; project: { key: string } }) =>
  new BitbucketError(404, [
    {
      context: field,
      message: `Repository "${repo.slug}" of project with key "${repo.project.key}" has no branch "${branch}"`,
      exceptionName: 'com.atlassian.bitbucket.commit.NoSuchCommitException',
    },
  ]);

export const noSuchCommit = (commit: string, repo: { slug: string }) =>
  refusal(404, 'commit.NoSuchCommitException', `Commit '${commit}' does not exist in repository '${repo.slug}'.`);

export const noSuchComment = (id: string) => refusal(404, 'comment.NoSuchCommentException', `The comment with ID ${id} does not exist.`);

/** @param existing the open pull request between the two branches, as JSON */
export const duplicate = (existing: object) =>
  refusal(409, 'pull.DuplicatePullRequestException', 'Only one pull request may be open for a given source and target branch', {
    existingPullRequest: existing,
  });

export const sameBranch = () =>
  refusal(409, 'pull.InvalidPullRequestRefException', 'The source and the target of a pull request may not be the same branch.');

export const nothingToMerge = (from: string, to: string, slug: string) =>
  refusal(409, 'pull.EmptyPullRequestException', `Branch "${to}" is already up-to-date with branch "${from}" in repository "${slug}".`);

export const unrelated = () =>
  refusal(409, 'pull.InvalidPullRequestRepositoryException', 'Pull requests may only be opened between repositories of one hierarchy.');

/** @param errors one for each reviewer who cannot be one */
export const wrongReviewers = (errors: readonly { context: string; message: string }[], validReviewers: readonly object[]) =>
  new BitbucketError(409, [
    {
      context: 'reviewers',
      message: 'Errors encountered while adding some reviewers to this pull request.',
      exceptionName: 'com.atlassian.bitbucket.pull.InvalidPullRequestReviewersException',
      reviewerErrors: errors.map((error) => ({ ...error, exceptionName: null })),
      validReviewers,
    },
  ]);

/** @param current the pull request as it is, as JSON with its `version` */
export const outOfDate = (expectedVersion: number, current: { readonly version: number }) =>
  refusal(409, 'pull.PullRequestOutOfDateException', 'You are attempting to modify a pull request based on out-of-date information.', {
    currentVersion: current.version,
    expectedVersion,
    pullRequest: current,
  });

export const wrongState = (message: string) => refusal(409, 'pull.IllegalPullRequestStateException', message);

export const authorsDoNotReview = () =>
  refusal(400, 'pull.InvalidPullRequestRoleException', 'Authors may not update their status on their own pull request.');

export const conflicted = () =>
  refusal(409, 'pull.PullRequestMergeVetoedException', 'The pull request has conflicts.', { conflicted: true, vetoes: [] });

export const commentOutOfDate = (id: number) =>
  refusal(409, 'comment.CommentOutOfDateException', `You are attempting to modify comment ${id} based on out-of-date information.`);

export const commentHasReplies = () =>
  refusal(409, 'comment.CommentDeletionException', 'This comment has replies which must be deleted first.');

export const archived = () =>
  refusal(409, 'repository.ReadOnlyRepositoryException', 'This repository is archived. Archived repositories are read-only.');
