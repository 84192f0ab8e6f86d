import { invalid, notPermitted } from '../../errors.ts';
import { addComment, allComments, deleteComment, editComment, type Place, rootOf, threadsAt } from '../../comments.ts';
import type { Anchor, Comment } from '../../model.ts';
import { pageOf } from '../../paging.ts';
import { type Call, created, jsonBody, noContent, ok } from '../../router.ts';
import { git } from '../../repository.ts';
import { requireUser } from '../access.ts';
import { administers, doingIn, requireText, viewerOf } from './access.ts';
import { commentJson } from './comment-json.ts';
import { commentHasReplies, commentOutOfDate, noSuchComment, noSuchCommit } from './errors.ts';
import { word } from '../word.ts';

/** What pull requests and commits have in common: comments on them. */

export function requireComment(call: Call, place: Place): Comment {
  const id = call.params['commentId'] ?? '';
  const comment = allComments(threadsAt(place)).find((candidate) => String(candidate.id) === id);
  if (comment === undefined) throw noSuchComment(id);
  return comment;
}

/** Only comments on one file can be listed: without `path` the server refuses. */
export function listComments(call: Call, place: Place) {
  const path = call.query.get('path');
  if (path === null || path === '') throw invalid('path', "The 'path' query parameter is required.");
  const viewer = viewerOf(call, place.repo);
  const found = threadsAt(place).filter(({ anchor }) => anchor?.path === path);
  const values = found.map((comment) => commentJson(viewer, comment));
  return ok(pageOf(values, call.query, call.instance.pageLimit));
}

export const getComment = (call: Call, place: Place) => ok(commentJson(viewerOf(call, place.repo), requireComment(call, place)));

/** @param severity what the comment is when the request does not say */
export async function postComment(call: Call, place: Place, severity: Comment['severity'] = 'NORMAL') {
  const doing = doingIn(call, place.repo);
  const request = await jsonBody(call);
  const text = requireText('text', request['text']);
  const parentId = (request['parent'] as { id?: unknown } | null | undefined)?.id;
  const parent = parentId === undefined ? undefined : requireComment({ ...call, params: { commentId: word(parentId) } }, place);
  const anchor = parent === undefined ? await anchorOf(place, request['anchor']) : undefined;
  const wanted = severityOf(request['severity']) ?? severity;
  const comment = addComment(place, doing, { text, parent, anchor, severity: wanted });
  return created(commentJson(viewerOf(call, place.repo), comment));
}

const allowed = {
  lineType: ['ADDED', 'REMOVED', 'CONTEXT'],
  fileType: ['FROM', 'TO'],
  diffType: ['COMMIT', 'EFFECTIVE', 'RANGE'],
} as const;

/** Where the comment hangs; its commits have to exist. @throws BitbucketError 400 and 404. */
async function anchorOf(place: Place, value: unknown): Promise<Anchor | undefined> {
  if (value === undefined || value === null) return undefined;
  const asked = value as Record<string, unknown>;
  const { path, srcPath, line } = asked;
  if (typeof path !== 'string' || path === '') throw invalid('anchor.path', 'A path is required.');
  for (const [field, known] of Object.entries(allowed)) {
    const said = asked[field];
    if (said !== undefined && !(known as readonly unknown[]).includes(said)) throw invalid(`anchor.${field}`, `${word(said)} is unknown.`);
  }
  if (line !== undefined && (!Number.isInteger(line) || asked['lineType'] === undefined)) {
    throw invalid('anchor.lineType', 'A comment on a line needs the line and its type.');
  }
  for (const commit of [asked['fromHash'], asked['toHash']]) if (typeof commit === 'string') await requireCommit(place, commit);
  const onLine = typeof line === 'number' ? { line, ...words(asked, 'lineType'), fileType: 'TO', ...words(asked, 'fileType') } : {};
  return {
    ...range(place),
    diffType: 'pull' in place ? 'EFFECTIVE' : 'COMMIT',
    path,
    ...(srcPath === path ? {} : words(asked, 'srcPath')),
    ...onLine,
    ...words(asked, 'fromHash', 'toHash', 'diffType'),
  };
}

/** Those of the fields that are text. */
function words<K extends string>(from: Readonly<Record<string, unknown>>, ...fields: readonly K[]): { [field in K]?: string } {
  return Object.fromEntries(fields.filter((field) => typeof from[field] === 'string').map((field) => [field, from[field]])) as {
    [field in K]?: string;
  };
}

const range = (place: Place) =>
  'pull' in place ? { fromHash: place.pull.to.commit, toHash: place.pull.from.commit } : { toHash: place.commit };

async function requireCommit({ repo }: Place, commit: string): Promise<void> {
  const known = /^[0-9a-f]{40}$/.test(commit) && (await git(repo.folder, ['cat-file', '-e', `${commit}^{commit}`]).catch(() => undefined));
  if (known === undefined || known === false) throw noSuchCommit(commit, repo);
}

function severityOf(value: unknown): Comment['severity'] | undefined {
  if (value === undefined || value === 'NORMAL' || value === 'BLOCKER') return value;
  throw invalid('severity', `${word(value)} is not a valid severity.`);
}

/** The text by its author only; the rest also by the pull request's author and by administrators. Always on the current version. */
export async function putComment(call: Call, place: Place) {
  const doing = doingIn(call, place.repo);
  const comment = requireComment(call, place);
  const request = await jsonBody(call);
  if (request['version'] !== comment.version) throw commentOutOfDate(comment.id);
  const { state, threadResolved } = request;
  if (state !== undefined && state !== 'OPEN' && state !== 'RESOLVED') throw invalid('state', `${word(state)} is not a valid state.`);
  const text = request['text'] === undefined ? undefined : requireText('text', request['text']);
  const own = comment.author === doing.user;
  const ownPull = 'pull' in place && place.pull.author === doing.user;
  if (text !== undefined && text !== comment.text && !own) throw notPermitted();
  if (!own && !ownPull && !administers(call, place.repo)) throw notPermitted();
  const severity = severityOf(request['severity']);
  if (typeof threadResolved === 'boolean' && comment !== rootOf(comment))
    throw invalid('threadResolved', 'Only a whole thread is resolved.');
  // Only tasks have a state; for other comments the server takes it and does nothing.
  const task = (severity ?? comment.severity) === 'BLOCKER';
  editComment(place, doing, comment, {
    text,
    severity,
    state: task ? state : 'OPEN',
    threadResolved: typeof threadResolved === 'boolean' ? threadResolved : undefined,
  });
  return ok(commentJson(viewerOf(call, place.repo), comment));
}

export function removeComment(call: Call, place: Place) {
  requireUser(call);
  const doing = doingIn(call, place.repo);
  const comment = requireComment(call, place);
  if (comment.author !== doing.user && !administers(call, place.repo)) throw notPermitted();
  if (Number(call.query.get('version') ?? -1) !== comment.version) throw commentOutOfDate(comment.id);
  if (comment.replies.length > 0) throw commentHasReplies();
  deleteComment(place, doing, comment);
  return noContent();
}
