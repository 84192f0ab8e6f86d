import * as v from 'valibot';
import { formatCount } from '@gitprotect/shared/format';
import type { LiveRecord } from '../../../catalogue/metadata-object.ts';
import { StoredActivity, StoredPullRequest } from './stored.ts';
import { countComments, threadsOf } from './threads.ts';

/** A snapshot's pull requests, as a restore sees them. */
export interface Survey {
  /** Oldest first. */
  readonly open: readonly StoredPullRequest[];
  /** Merged or declined: they are for the archive. */
  readonly closed: number;
  /** Records of which nothing can be made. */
  readonly unreadable: number;
  /** What the API cannot bring back of those that are open. */
  readonly limits: readonly string[];
}

/** Reads all pull requests, and keeps the open ones. */
export async function surveyPullRequests(records: AsyncIterable<LiveRecord>): Promise<Survey> {
  const open: StoredPullRequest[] = [];
  let [closed, unreadable] = [0, 0];
  for await (const { value } of records) {
    const read = v.safeParse(StoredPullRequest, value);
    if (!read.success) unreadable += 1;
    else if (read.output.pullRequest.state === 'OPEN') open.push(read.output);
    else closed += 1;
  }
  const sorted = open.toSorted((a, b) => a.pullRequest.id - b.pullRequest.id);
  return { open: sorted, closed, unreadable, limits: limitsOf(sorted) };
}

function limitsOf(open: readonly StoredPullRequest[]): string[] {
  if (open.length === 0) return [];
  const comments = open.reduce((sum, { activities }) => sum + countComments(threadsOf(activities)), 0);
  const verdicts = open.reduce(
    (sum, { pullRequest: { reviewers } }) =>
      sum + reviewers.filter(({ status }) => status === 'APPROVED' || status === 'NEEDS_WORK').length,
    0,
  );
  const others = open.reduce((sum, { activities }) => sum + activities.filter(isOther).length, 0);
  const reactions = open.filter(({ activities }) => JSON.stringify(activities).includes('"reactions"')).length;
  const said = formatCount(open.length, 'open pull request');
  return [
    `numbers, authors and dates of ${said}: Bitbucket numbers anew and takes the token’s owner and today; their texts say who wrote what, and when`,
    ...(comments > 0 ? [`authors and dates of ${formatCount(comments, 'comment')}, in the same way`] : []),
    ...(verdicts > 0 ? [`${formatCount(verdicts, 'verdict')} of reviewers: only they themselves can give them`] : []),
    ...(others > 0
      ? [`${formatCount(others, 'entry', 'entries')} of their history (approvals, updates, pushes): they are in the offline archive`]
      : []),
    ...(reactions > 0 ? [`reactions to comments in ${formatCount(reactions, 'pull request')}`] : []),
  ];
}

function isOther(value: unknown): boolean {
  const read = v.safeParse(StoredActivity, value);
  return !read.success || (read.output.action !== 'COMMENTED' && read.output.action !== 'OPENED');
}
