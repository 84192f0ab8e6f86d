import { createHash } from 'node:crypto';
import * as v from 'valibot';

const Loose = v.looseObject({});
const Listed = v.looseObject({
  id: v.number(),
  state: v.nullish(v.string()),
  fromRef: v.nullish(Loose),
  toRef: v.nullish(Loose),
  properties: v.nullish(Loose),
});

const day = 86_400_000;

/**
 * What can be seen of a pull request in the list: while it stays the same there is nothing to read again. Version, dates and counts of comments
 * and tasks are in it, so two changes at one time are two stamps. Not in it: what moves without the pull request (the tip of the target
 * branch, whether it would merge, links). Whether an edit of a comment shows in the list is documented nowhere, so an open one has a new stamp once
 * a week, each on its own day. `now` in milliseconds since 1970.
 */
export function pullRequestStamp(item: unknown, now: number): string {
  const read = v.safeParse(Listed, item);
  if (!read.success) return hash(item);
  const { fromRef, toRef, properties, links: _, ...rest } = read.output;
  const counts = { ...properties, mergeResult: null };
  const week = rest.state === 'OPEN' ? Math.floor((Math.floor(now / day) + rest.id) / 7) : null;
  return hash([week, rest, fromRef?.['id'], fromRef?.['latestCommit'], toRef?.['id'], counts]);
}

/** 72 bits: what is compared is one record's before and after. */
function hash(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value, (key, part: unknown) => (key === 'links' || key === 'avatarUrl' ? undefined : part)))
    .digest('base64url')
    .slice(0, 12);
}
