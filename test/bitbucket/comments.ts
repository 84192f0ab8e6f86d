import type { Anchor, Comment, CommentAction, PullRequest, Repo, User } from './model.ts';
import { type Doing, note } from './pull-requests.ts';

/** What comments hang on: a pull request, or a commit. */
export type Place = { readonly repo: Repo; readonly pull: PullRequest } | { readonly repo: Repo; readonly commit: string };

export interface NewComment {
  readonly text: string;
  readonly parent?: Comment | undefined;
  readonly anchor?: Anchor | undefined;
  readonly severity?: Comment['severity'];
}

/** The threads at a place, oldest first. */
export function threadsAt(place: Place): Comment[] {
  if ('pull' in place) return place.pull.comments;
  const { commitComments } = place.repo;
  const known = commitComments.get(place.commit) ?? [];
  commitComments.set(place.commit, known);
  return known;
}

/** Every comment of these threads, replies behind what they answer. */
export const allComments = (threads: readonly Comment[]): Comment[] =>
  threads.flatMap((comment) => [comment, ...allComments(comment.replies)]);

export const rootOf = (comment: Comment): Comment => (comment.parent === undefined ? comment : rootOf(comment.parent));

/** Writes a comment, or with `parent` a reply. Whoever comments takes part in the pull request. */
export function addComment(place: Place, doing: Doing, told: NewComment): Comment {
  const { text, parent, anchor, severity = 'NORMAL' } = told;
  const comment: Comment = {
    id: place.repo.nextId(),
    version: 0,
    text,
    author: doing.user,
    createdDate: doing.at,
    updatedDate: doing.at,
    parent,
    replies: [],
    anchor,
    severity,
    state: 'OPEN',
    resolved: undefined,
    threadResolved: undefined,
    reactions: new Map(),
  };
  (parent?.replies ?? threadsAt(place)).push(comment);
  if ('pull' in place) takePart(place.pull, doing.user);
  noteComment(place, doing, { comment, commentAction: parent === undefined ? 'ADDED' : 'REPLIED' });
  return comment;
}

export interface CommentChange {
  readonly text?: string | undefined;
  readonly severity?: Comment['severity'] | undefined;
  readonly state?: Comment['state'] | undefined;
  readonly threadResolved?: boolean | undefined;
}

/** Changes a comment: one more version; only another text is an activity of its own. */
export function editComment(place: Place, doing: Doing, comment: Comment, change: CommentChange): void {
  const { text = comment.text, severity = comment.severity, state = comment.state, threadResolved } = change;
  const rewritten = text !== comment.text;
  comment.version += 1;
  comment.updatedDate = doing.at;
  Object.assign(comment, { text, severity, state });
  const mark = { by: doing.user, at: doing.at };
  comment.resolved = state === 'RESOLVED' ? (comment.resolved ?? mark) : undefined;
  if (threadResolved !== undefined) comment.threadResolved = threadResolved ? mark : undefined;
  if (rewritten) noteComment(place, doing, { comment, commentAction: 'EDITED' });
  else if ('pull' in place) place.pull.updatedDate = doing.at;
}

/** Takes a comment away. What is on record of it stays, with its last text. */
export function deleteComment(place: Place, doing: Doing, comment: Comment): void {
  const siblings = comment.parent?.replies ?? threadsAt(place);
  siblings.splice(siblings.indexOf(comment), 1);
  noteComment(place, doing, { comment, commentAction: 'DELETED' });
}

/** Adds `user`'s reaction, `thumbsup` say. Nothing else of the comment or the pull request changes. */
export function react(comment: Comment, user: User, emoticon: string): void {
  const users = comment.reactions.get(emoticon) ?? [];
  if (!users.includes(user)) comment.reactions.set(emoticon, [...users, user]);
}

export function takeBack(comment: Comment, user: User, emoticon: string): void {
  const rest = (comment.reactions.get(emoticon) ?? []).filter((other) => other !== user);
  if (rest.length === 0) comment.reactions.delete(emoticon);
  else comment.reactions.set(emoticon, rest);
}

/** Lists somebody as participant who is neither author nor reviewer yet. */
export function takePart(pull: PullRequest, user: User): void {
  const known = pull.author === user || [...pull.reviewers, ...pull.participants].some((other) => other.user === user);
  if (!known) pull.participants.push({ user, status: 'UNAPPROVED', lastReviewedCommit: undefined });
}

function noteComment(place: Place, doing: Doing, what: { comment: Comment; commentAction: CommentAction }): void {
  if ('pull' in place) note(place.repo, place.pull, doing, { action: 'COMMENTED', ...what });
}
