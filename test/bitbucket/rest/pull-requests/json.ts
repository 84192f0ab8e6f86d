import { allComments } from '../../comments.ts';
import type { Instance } from '../../instance.ts';
import type { Participant, PullRequest, Repo } from '../../model.ts';
import { repoJson, userJson, webPath } from '../json.ts';

export const shortRef = (ref: string): string => ref.replace(/^refs\/heads\//, '');

type PullRequestJson = Readonly<Record<string, unknown>> & { readonly version: number };

/** @param withProperties `withProperties=false` leaves out the counts */
export function pullRequestJson(instance: Instance, repo: Repo, pull: PullRequest, withProperties = true): PullRequestJson {
  const ref = (of: Repo, id: string, latestCommit: string) => ({
    id,
    displayId: shortRef(id),
    latestCommit,
    type: 'BRANCH',
    repository: repoJson(instance, of),
  });
  return {
    id: pull.id,
    version: pull.version,
    title: pull.title,
    ...(pull.description === undefined ? {} : { description: pull.description }),
    state: pull.state,
    open: pull.state === 'OPEN',
    closed: pull.state !== 'OPEN',
    draft: false,
    createdDate: pull.createdDate,
    updatedDate: pull.updatedDate,
    ...(pull.closedDate === undefined ? {} : { closedDate: pull.closedDate }),
    fromRef: ref(pull.from.repo, pull.from.ref, pull.from.commit),
    toRef: ref(repo, pull.to.ref, pull.to.commit),
    locked: false,
    author: { user: userJson(instance, pull.author), role: 'AUTHOR', approved: false, status: 'UNAPPROVED' },
    reviewers: pull.reviewers.map((reviewer) => participantJson(instance, reviewer, 'REVIEWER')),
    participants: pull.participants.map((participant) => participantJson(instance, participant, 'PARTICIPANT')),
    ...(withProperties ? { properties: properties(pull) } : {}),
    links: { self: [{ href: `${instance.url}${webPath(repo)}/pull-requests/${pull.id}` }] },
  };
}

export function participantJson(instance: Instance, { user, status, lastReviewedCommit }: Participant, role: string): object {
  return {
    user: userJson(instance, user),
    ...(lastReviewedCommit === undefined ? {} : { lastReviewedCommit }),
    role,
    approved: status === 'APPROVED',
    status,
  };
}

function properties({ state, comments, generated, mergeCommit }: PullRequest): object {
  const all = allComments(comments);
  const tasks = all.filter(({ severity }) => severity === 'BLOCKER');
  const resolved = tasks.filter((task) => task.state === 'RESOLVED').length;
  return {
    ...(state === 'OPEN' ? { mergeResult: { outcome: 'CLEAN', current: true } } : {}),
    ...(mergeCommit === undefined ? {} : { mergeCommit: { id: mergeCommit, displayId: mergeCommit.slice(0, 11) } }),
    resolvedTaskCount: resolved,
    commentCount: all.length - tasks.length + (generated?.comments ?? 0),
    openTaskCount: tasks.length - resolved,
  };
}
