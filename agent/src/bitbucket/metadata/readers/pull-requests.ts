import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { endpoint, type Scope } from '../../endpoint.ts';
import type { Reader } from '../../reader.ts';
import { attachmentIds } from '../attachment-links.ts';
import type { KindReader, ReadRecord } from '../kind-reader.ts';
import { pullRequestStamp } from '../pull-request-stamp.ts';
import { operationsOf } from '../simple-readers.ts';
import { attachmentOperations, readAttachment } from './attachments.ts';

const list = { repo: endpoint('/api/latest/projects/{projectKey}/repos/{repositorySlug}/pull-requests') };
const activities = { repo: endpoint('/api/latest/projects/{projectKey}/repos/{repositorySlug}/pull-requests/{pullRequestId}/activities') };

const Listed = v.looseObject({ id: v.pipe(v.number(), v.integer()) });
/** One with all its people is up to 20 kB. */
const pageLimit = 500;

/**
 * Pull requests in every state, each with all that happened in it: comments, tasks, approvals, merges. Oldest first, for then a new one comes at
 * the end of a list that is being read and moves none of the others. Of the list one page is held, of a pull request all.
 */
export const pullRequests: KindReader = {
  kind: 'pull-requests',
  needs: 'read',
  operations: { repo: [...(operationsOf([list, activities]).repo ?? []), ...attachmentOperations] },
  async *read(from, scope, { signal, stampOf, now }) {
    const names = { projectKey: scope.projectKey, repositorySlug: scope.slug ?? '' };
    const query = { state: 'ALL', order: 'OLDEST', withAttributes: true, withProperties: true, limit: pageLimit };
    const attached = new Set<string>();
    for await (const pullRequest of from.pages(list.repo.at(names), { schema: Listed, query, signal })) {
      const key = String(pullRequest.id);
      const stamp = pullRequestStamp(pullRequest, now);
      if (stampOf('pull-requests', key) === stamp) {
        yield { key, same: true };
        continue;
      }
      const happened = await readActivities(from, activities.repo.at({ ...names, pullRequestId: pullRequest.id }), signal);
      if (happened === null) continue;
      yield { key, stamp, value: { pullRequest, activities: happened } };
      for (const id of attachmentIds([pullRequest, happened])) {
        if (attached.has(id) || stampOf('attachments', id) !== undefined) continue;
        attached.add(id);
        yield* attachment(from, scope, id, signal);
      }
    }
  },
};

/** `null` for a pull request that was deleted since it was listed. */
async function readActivities(from: Reader, path: string, signal: AbortSignal): Promise<unknown[] | null> {
  try {
    const happened: unknown[] = [];
    for await (const activity of from.pages(path, { schema: v.unknown(), query: { limit: pageLimit }, signal })) happened.push(activity);
    return happened;
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null;
    throw error;
  }
}

/** One never changes, so any stamp will do. */
async function* attachment(from: Reader, scope: Scope, id: string, signal: AbortSignal): AsyncGenerator<ReadRecord, void> {
  const value = await readAttachment(from, scope, id, signal);
  if (value !== null) yield { kind: 'attachments', key: id, stamp: '1', value };
}
