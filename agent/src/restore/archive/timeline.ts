import { fieldAt, listAt, numberAt, textAt, timeAt } from './field.ts';

/** A comment and how many it answers. */
export interface Spoken {
  readonly depth: number;
  readonly comment: unknown;
  /** It was taken back later. */
  readonly deleted: boolean;
}

/** A comment with all its answers, in the order they are read; `activity` says where in the code it stands. */
export interface Thread {
  readonly activity: unknown;
  readonly comments: readonly Spoken[];
}

/** What happened: somebody spoke, or did something. */
export type Happening = { readonly thread: Thread } | { readonly thread?: never; readonly activity: unknown };

/**
 * What happened to a pull request, the oldest first. Bitbucket lists a comment for each thing that was done to it, and answers both on their
 * own and within what they answer: here each is once.
 */
export function timeline(activities: readonly unknown[]): Happening[] {
  const threads = new Map<unknown, Thread>();
  const answers = new Set<number>();
  const deleted = deletedIn(activities);
  for (const activity of activities) {
    const root = fieldAt(activity, 'comment');
    if (typeof root !== 'object' || root === null) continue;
    const comments = withAnswers(root, deleted);
    for (const { comment } of comments.slice(1)) answers.add(numberAt(comment, 'id') ?? Number.NaN);
    threads.set(activity, { activity, comments });
  }
  const seen = new Set<number>();
  const oldestFirst = activities.toReversed().toSorted((a, b) => (timeAt(a, 'createdDate') ?? 0) - (timeAt(b, 'createdDate') ?? 0));
  return oldestFirst.flatMap((activity): Happening[] => {
    const thread = threads.get(activity);
    if (thread === undefined) return [{ activity }];
    const id = numberAt(thread.comments[0]?.comment, 'id');
    if (id !== undefined && (seen.has(id) || answers.has(id))) return [];
    if (id !== undefined) seen.add(id);
    return [{ thread }];
  });
}

/** Ids of comments that were deleted: the entry that says so is one of its own. */
function deletedIn(activities: readonly unknown[]): Set<number> {
  const gone = activities.filter((activity) => textAt(activity, 'commentAction') === 'DELETED');
  return new Set(gone.map((activity) => numberAt(activity, 'comment', 'id') ?? Number.NaN));
}

/** Without recursion: how deep answers nest is the server's to say. */
function withAnswers(root: unknown, deleted: ReadonlySet<number>): Spoken[] {
  const spoken = (depth: number, comment: unknown): Spoken => ({
    depth,
    comment,
    deleted: deleted.has(numberAt(comment, 'id') ?? Number.NaN),
  });
  const found: Spoken[] = [];
  const waiting: Spoken[] = [spoken(0, root)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { depth } = next;
    found.push(next);
    const answers = listAt(next.comment, 'comments').toReversed();
    waiting.push(...answers.map((comment) => spoken(depth + 1, comment)));
  }
  return found;
}

/** Something to do that somebody wrote into a review. */
export interface Task {
  readonly text: string;
  readonly done: boolean;
  readonly commentId: number | undefined;
}

/** The tasks among comments: blocking comments, and what Bitbucket before version 8 kept beside a comment. */
export function tasksIn(happenings: readonly Happening[]): Task[] {
  return happenings
    .flatMap(({ thread }) => thread?.comments ?? [])
    .flatMap(({ comment }) => {
      const commentId = numberAt(comment, 'id');
      const task = (of: unknown): Task => ({ text: textAt(of, 'text') ?? '', done: textAt(of, 'state') === 'RESOLVED', commentId });
      return [...(textAt(comment, 'severity') === 'BLOCKER' ? [task(comment)] : []), ...listAt(comment, 'tasks').map(task)];
    });
}
