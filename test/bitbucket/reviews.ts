import { takePart } from './comments.ts';
import type { Participant, PullRequest, Repo, ReviewStatus, User } from './model.ts';
import { type Doing, note } from './pull-requests.ts';

/** Gives somebody's verdict; whoever gives one takes part. The author cannot. */
export function review(repo: Repo, pull: PullRequest, doing: Doing, status: ReviewStatus): Participant {
  takePart(pull, doing.user);
  const participant = participantOf(pull, doing.user);
  if (participant === undefined) throw new TypeError('authors do not review their own pull requests');
  if (participant.status === status) return participant;
  participant.status = status;
  participant.lastReviewedCommit = status === 'UNAPPROVED' ? undefined : pull.from.commit;
  note(repo, pull, doing, { action: status === 'NEEDS_WORK' ? 'REVIEWED' : status });
  return participant;
}

/** A reviewer or participant; not the author. */
export const participantOf = (pull: PullRequest, user: User): Participant | undefined =>
  [...pull.reviewers, ...pull.participants].find((other) => other.user === user);

/** Makes `users` the reviewers; those who stay keep their verdicts. */
export function setReviewers(repo: Repo, pull: PullRequest, doing: Doing, users: readonly User[]): void {
  const before = pull.reviewers.map(({ user }) => user);
  const addedReviewers = users.filter((user) => !before.includes(user));
  const removedReviewers = before.filter((user) => !users.includes(user));
  if (addedReviewers.length + removedReviewers.length === 0) return;
  pull.reviewers = users.map((user) => participantOf(pull, user) ?? { user, status: 'UNAPPROVED', lastReviewedCommit: undefined });
  const others = pull.participants.filter(({ user }) => !users.includes(user));
  pull.participants.splice(0, Infinity, ...others);
  note(repo, pull, doing, { action: 'UPDATED', addedReviewers, removedReviewers });
}
