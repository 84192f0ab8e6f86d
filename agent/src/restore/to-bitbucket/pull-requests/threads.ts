import * as v from 'valibot';
import { StoredActivity, StoredComment, type Anchor } from './stored.ts';

/** A comment with its answers, the oldest first. */
export interface Thread {
  readonly comment: StoredComment;
  readonly anchor: Anchor | null;
  readonly answers: readonly Thread[];
}

/**
 * The comments of a pull request as they stood, from its activities: these repeat a comment at each change and show an answer both inside
 * its parent and by itself, so each is taken once, in its last version. Deleted ones are left out, their answers with them.
 */
export function threadsOf(activities: readonly unknown[]): Thread[] {
  const comments = new Map<number, StoredComment>();
  const parents = new Map<number, number>();
  const anchors = new Map<number, Anchor>();
  const deleted = new Set<number>();

  const take = (value: unknown, parent: number | null): number | null => {
    const read = v.safeParse(StoredComment, value);
    if (!read.success) return null;
    const { id, version, anchor } = read.output;
    if (parent !== null) parents.set(id, parent);
    if (anchor !== null && anchor !== undefined) anchors.set(id, anchor);
    const known = comments.get(id);
    if (known === undefined || known.version < version) comments.set(id, read.output);
    for (const answer of read.output.comments) take(answer, id);
    return id;
  };

  for (const value of activities) {
    const read = v.safeParse(StoredActivity, value);
    if (!read.success || read.output.action !== 'COMMENTED') continue;
    const id = take(read.output.comment, null);
    if (id === null) continue;
    if (read.output.commentAction === 'DELETED') deleted.add(id);
    const { commentAnchor } = read.output;
    if (commentAnchor !== null && commentAnchor !== undefined) anchors.set(id, commentAnchor);
  }

  const under = (parent: number | undefined): Thread[] =>
    [...comments.values()]
      .filter(({ id }) => parents.get(id) === parent && !deleted.has(id))
      .toSorted((a, b) => (a.createdDate ?? 0) - (b.createdDate ?? 0) || a.id - b.id)
      .map((comment) => ({ comment, anchor: anchors.get(comment.id) ?? null, answers: under(comment.id) }));
  return under(undefined);
}

/** How many comments are in these threads, answers counted. */
export function countComments(threads: readonly Thread[]): number {
  return threads.reduce((sum, { answers }) => sum + 1 + countComments(answers), 0);
}
