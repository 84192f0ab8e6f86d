import { branchAt, fieldAt, personAt, textAt, timeAt } from './field.ts';
import { safeName } from './safe-name.ts';
import { type Happening, tasksIn } from './timeline.ts';

/** A pull request in a list. */
export interface Entry {
  /** Its page, without folder and ending. */
  readonly file: string;
  readonly number: string;
  readonly title: string;
  readonly state: string;
  readonly author: string;
  readonly from: string;
  readonly to: string;
  readonly created: number | null;
  readonly updated: number | null;
  readonly comments: number;
  readonly openTasks: number;
}

/** What a list says of the pull request that was stored under `key`. */
export function entryOf(key: string, pullRequest: unknown, happenings: readonly Happening[]): Entry {
  return {
    file: safeName(key),
    number: key,
    title: textAt(pullRequest, 'title') ?? 'No title',
    state: textAt(pullRequest, 'state') ?? 'UNKNOWN',
    author: personAt(fieldAt(pullRequest, 'author'), 'user') ?? 'unknown',
    from: branchAt(pullRequest, 'fromRef') ?? 'unknown',
    to: branchAt(pullRequest, 'toRef') ?? 'unknown',
    created: timeAt(pullRequest, 'createdDate') ?? null,
    updated: timeAt(pullRequest, 'updatedDate') ?? null,
    comments: happenings.reduce((sum, { thread }) => sum + (thread?.comments.length ?? 0), 0),
    openTasks: tasksIn(happenings).filter(({ done }) => !done).length,
  };
}
