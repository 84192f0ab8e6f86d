import { AppError, asAppError } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import * as v from 'valibot';
import { scoped } from '../../../bitbucket/endpoint.ts';
import type { WriteContext } from '../../../bitbucket/metadata/kind-writer.ts';
import type { Ledger } from '../ledger.ts';
import type { Anchor, StoredPullRequest } from './stored.ts';
import { commentText, descriptionOf, pathOf, titleOf } from './texts.ts';
import { countComments, threadsOf, type Thread } from './threads.ts';

const pullRequests = scoped('/api/latest', '/pull-requests').repo;
const comments = scoped('/api/latest', '/pull-requests/{pullRequestId}/comments').repo;
const comment = scoped('/api/latest', '/pull-requests/{pullRequestId}/comments/{commentId}').repo;

const activities = scoped('/api/latest', '/pull-requests/{pullRequestId}/activities').repo;

export const pullRequestOperations = [
  `GET ${activities.template}`,
  `POST ${pullRequests.template}`,
  `POST ${comments.template}`,
  `PUT ${comment.template}`,
];

const Made = v.looseObject({ id: v.number(), version: v.optional(v.number(), 0) });

export interface Recreating {
  readonly context: WriteContext;
  readonly ledger: Ledger;
  /** Whose token it is: nobody reviews what is opened in the own name. */
  readonly self: string | null;
  /** `ORCH/core`: where they were. */
  readonly from: string;
  /** Branches that the restored repo has. */
  readonly branches: ReadonlySet<string>;
  /** Bitbucket's number of the repo in the backup. */
  readonly repoId: number;
}

/** Why a pull request cannot be opened again; `null` when it can. */
export function obstacle(
  { pullRequest: { fromRef, toRef } }: StoredPullRequest,
  { branches, repoId }: Pick<Recreating, 'branches' | 'repoId'>,
): string | null {
  const [from, to] = [fromRef?.id, toRef?.id];
  if (typeof from !== 'string' || typeof to !== 'string') return 'the backup’s record of it is incomplete';
  const source = fromRef?.repository?.id;
  if (typeof source === 'number' && source !== repoId) return 'it comes from a fork; it is in the offline archive';
  if (!branches.has(from)) return `its branch ${from.replace('refs/heads/', '')} is gone; it is in the offline archive`;
  if (!branches.has(to)) return `its target ${to.replace('refs/heads/', '')} is gone; it is in the offline archive`;
  return null;
}

export const wordsOf = (one: StoredPullRequest): string => `pull request ${one.pullRequest.id} “${titleOf(one)}”`;

/** Opens a pull request again, with its comments. What fails in it is written down, and the rest goes on. */
export async function recreate(one: StoredPullRequest, { context, ledger, from, self }: Recreating): Promise<void> {
  const what = wordsOf(one);
  const names = { projectKey: context.scope.projectKey, repositorySlug: context.scope.slug ?? '' };
  const reviewers = await knownReviewers(one, { context, ledger, self });
  const id = await open(one, { names, from, reviewers }, context, ledger);
  if (id === null) return;
  const threads = threadsOf(one.activities);
  const lost: string[] = [];
  for (const thread of threads) await post(thread, null, { names: { ...names, pullRequestId: id }, context, lost });
  const total = countComments(threads);
  const there = lost.length === 0 ? await countThere({ ...names, pullRequestId: id }, context) : 0;
  if (lost.length === 0 && there !== total)
    ledger.add('pull-requests', what, 'differs', `the server has ${there} of ${formatCount(total, 'comment')}`);
  else if (lost.length === 0) ledger.add('pull-requests', total === 0 ? what : `${what} with ${formatCount(total, 'comment')}`, 'restored');
  else
    ledger.add('pull-requests', what, 'failed', `${lost.length} of ${formatCount(total, 'comment')} could not be posted: ${lost[0] ?? ''}`);
}

async function knownReviewers(
  { pullRequest }: StoredPullRequest,
  { context: { principals }, ledger, self }: Pick<Recreating, 'context' | 'ledger' | 'self'>,
): Promise<string[]> {
  const known: string[] = [];
  for (const { user } of pullRequest.reviewers) {
    const name = user?.name ?? user?.slug;
    if (typeof name !== 'string') continue;
    if (name.toLowerCase() === self?.toLowerCase()) {
      const why = 'it is opened in the name of the token’s owner, and nobody reviews an own one';
      ledger.add('pull-requests', `reviewer “${name}” of pull request ${pullRequest.id}`, 'cannot', why);
      continue;
    }
    const found = await principals.user(name);
    if (found === null)
      ledger.add('pull-requests', `reviewer “${name}” of pull request ${pullRequest.id}`, 'cannot', principals.whyUnknown('user', name));
    else known.push(found.name);
  }
  return known;
}

interface Opening {
  readonly names: { readonly projectKey: string; readonly repositorySlug: string };
  readonly from: string;
  readonly reviewers: readonly string[];
}

/** @returns its new number; `null` when the server took it in no form */
async function open(
  one: StoredPullRequest,
  { names, from, reviewers }: Opening,
  { target, signal }: WriteContext,
  ledger: Ledger,
): Promise<number | null> {
  const { pullRequest } = one;
  const repository = { slug: names.repositorySlug, project: { key: names.projectKey } };
  const body = {
    title: titleOf(one),
    description: descriptionOf(one, from),
    fromRef: { id: pullRequest.fromRef?.id, repository },
    toRef: { id: pullRequest.toRef?.id, repository },
    ...(pullRequest.draft === true && { draft: true }),
  };
  const send = (who: readonly string[]) =>
    target.send('POST', pullRequests.at(names), {
      body: { json: { ...body, reviewers: who.map((name) => ({ user: { name } })) } },
      schema: Made,
      signal,
    });
  try {
    return (await send(reviewers)).id;
  } catch (caught) {
    signal.throwIfAborted();
    const error = asAppError(caught);
    if (reviewers.length > 0 && error.code === 'server-refused') {
      try {
        const { id } = await send([]);
        ledger.add('pull-requests', `reviewers of pull request ${pullRequest.id}`, 'cannot', error.message);
        return id;
      } catch (again) {
        signal.throwIfAborted();
        ledger.failed('pull-requests', wordsOf(one), again);
        return null;
      }
    }
    ledger.failed('pull-requests', wordsOf(one), caught);
    return null;
  }
}

/** Comments that the new pull request has. */
async function countThere(names: Posting['names'], { target, signal }: WriteContext): Promise<number> {
  const there: unknown[] = [];
  for await (const activity of target.pages(activities.at(names), { schema: v.unknown(), query: { limit: 500 }, signal }))
    there.push(activity);
  return countComments(threadsOf(there));
}

interface Posting {
  readonly names: Readonly<Record<string, string | number>>;
  readonly context: WriteContext;
  /** Why a comment was not taken, one each. */
  readonly lost: string[];
}

/** Posts a comment, then its answers. One that the server does not take at its place in the diff goes without it, and says where it was. */
async function post({ comment: stored, anchor, answers }: Thread, parent: number | null, posting: Posting): Promise<void> {
  const { names, context, lost } = posting;
  const { target, signal } = context;
  const blocker = stored.severity === 'BLOCKER';
  const send = (at: Anchor | null) =>
    target.send('POST', comments.at(names), {
      body: {
        json: {
          text: commentText(stored, at === null && parent === null ? anchor : null),
          ...(blocker && { severity: 'BLOCKER' }),
          ...(parent !== null && { parent: { id: parent } }),
          ...(at !== null && parent === null && { anchor: anchorJson(at) }),
        },
      },
      schema: Made,
      signal,
    });
  try {
    const { id, version } = await send(anchor).catch((error: unknown) => {
      if (anchor === null || parent !== null || !(error instanceof AppError) || error.code !== 'server-refused') throw error;
      return send(null);
    });
    const resolved =
      blocker && stored.state === 'RESOLVED' ? { state: 'RESOLVED' } : stored.threadResolved === true ? { threadResolved: true } : null;
    for (const answer of answers) await post(answer, id, posting);
    if (resolved !== null) {
      await target.send('PUT', comment.at({ ...names, commentId: id }), {
        body: { json: { version, ...resolved } },
        schema: v.unknown(),
        signal,
      });
    }
  } catch (error) {
    signal.throwIfAborted();
    lost.push(asAppError(error).message);
  }
}

/** The commits of a diff are those of the new pull request: the place is in the diff as it is now. */
function anchorJson({ path, srcPath, line, lineType, fileType }: Anchor): object {
  return {
    path: pathOf(path),
    ...(srcPath !== undefined && srcPath !== null && { srcPath: pathOf(srcPath) }),
    ...(typeof line === 'number' && { line, lineType: lineType ?? 'CONTEXT' }),
    fileType: fileType ?? 'TO',
    diffType: 'EFFECTIVE',
  };
}
