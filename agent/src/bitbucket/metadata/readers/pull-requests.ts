import * as v from 'valibot';
import { endpoint, type Scope } from '../../endpoint.ts';
import type { Reader } from '../../reader.ts';
import { activitiesAt, readActivities } from '../activities.ts';
import { attachmentLinks } from '../attachment-links.ts';
import { ifFound } from '../if-found.ts';
import { isObject } from '../json-object.ts';
import type { KindReader, ReadingOptions, ReadRecord, SameRecord } from '../kind-reader.ts';
import { locate, operationsOf } from '../places.ts';
import { pullRequestStamp } from '../pull-request-stamp.ts';
import { attachmentAt, attachmentKey, attachmentMetadataAt, readAttachment } from '../read-attachment.ts';

const list = '/api/latest/projects/{projectKey}/repos/{repositorySlug}/pull-requests';
const listAt = { repo: endpoint(list) };
const oneAt = { repo: endpoint(`${list}/{pullRequestId}`) };

type Listed = Readonly<Record<string, unknown>> & { readonly id: number };
const Listed = v.custom<Listed>(
  (value) => isObject(value) && typeof value['id'] === 'number' && Number.isSafeInteger(value['id']) && value['id'] > 0,
  'a pull request with an id is expected',
);

/** Pull requests in all states with everything said in them, and the attachments of that. */
export const pullRequests: KindReader = {
  kind: 'pull-requests',
  needs: 'read',
  operations: operationsOf(listAt, oneAt, activitiesAt, attachmentAt, attachmentMetadataAt),
  async *read(from, scope, options) {
    const { signal } = options;
    const seen = new Set<number>();
    const attached = new Set<string>();
    // Oldest first: what is opened meanwhile comes at the end and is still read. Newest first, it would come before what has been read.
    const asking = { schema: Listed, query: { state: 'ALL', order: 'OLDEST', limit: 500 }, signal };
    for await (const listed of from.pages(locate(listAt, scope), asking)) {
      if (seen.has(listed.id)) continue;
      seen.add(listed.id);
      yield* readOne(listed, { from, scope, options, attached });
    }
    // One that is deleted meanwhile draws the rest up, and one moves to a page already read. So what was known is asked for by itself.
    for (const id of unseen(seen, options)) {
      const listed = await ifFound(from.get(locate(oneAt, scope, { pullRequestId: id }), { schema: Listed, signal }));
      if (listed !== null) yield* readOne(listed, { from, scope, options, attached });
    }
  },
};

/** Ids that the last snapshot holds and the list does not. */
function* unseen(seen: ReadonlySet<number>, { stampOf }: ReadingOptions): Generator<number> {
  const known = (id: number): boolean => stampOf('pull-requests', String(id)) !== undefined;
  let last = 0;
  for (const id of seen) last = Math.max(last, id);
  for (let id = 1; id <= last || known(id); id += 1) if (!seen.has(id) && known(id)) yield id;
}

interface Reading {
  readonly from: Reader;
  readonly scope: Scope;
  readonly options: ReadingOptions;
  /** Ids of attachments that were asked for. */
  readonly attached: Set<string>;
}

async function* readOne(listed: Listed, reading: Reading): AsyncGenerator<ReadRecord | SameRecord, void> {
  const { from, scope, options } = reading;
  const key = String(listed.id);
  const stamp = pullRequestStamp(listed, options.now);
  if (options.stampOf('pull-requests', key) === stamp) {
    yield { key, same: true };
    return;
  }
  const activities = await ifFound(readActivities(from, scope, listed.id, options.signal));
  // Deleted since it was listed.
  if (activities === null) return;
  const value = { pullRequest: listed, activities };
  // First, so that a pull request that counts as read has none missing.
  yield* readAttachments(value, reading);
  yield { key, stamp, value };
}

async function* readAttachments(value: { readonly pullRequest: Listed }, reading: Reading): AsyncGenerator<ReadRecord, void> {
  const { from, scope, options, attached } = reading;
  const repo = { id: repoId(value.pullRequest), projectKey: scope.projectKey, slug: scope.slug ?? '' };
  for (const link of attachmentLinks(value, repo)) {
    if (attached.has(link.id)) continue;
    attached.add(link.id);
    if (options.stampOf('attachments', attachmentKey(link.id)) !== undefined) continue;
    const record = await readAttachment(from, scope, link, options.signal);
    if (record !== null) yield record;
  }
}

/** The repo that a pull request goes to, which is the one that was asked. */
function repoId({ toRef }: Listed): number | null {
  const repository = isObject(toRef) ? toRef['repository'] : undefined;
  const id = isObject(repository) ? repository['id'] : undefined;
  return typeof id === 'number' ? id : null;
}
