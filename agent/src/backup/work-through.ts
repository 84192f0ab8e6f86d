import type { Outlook } from '../credentials/pool.ts';
import { nextLine } from './next-job.ts';

/** How the jobs of a run are worked through. */
export interface Work<T> {
  /** Jobs under way at once, without those that only wait for a user. */
  readonly atOnce: number;
  /** Jobs of one line can be served by the same users. */
  readonly lineOf: (job: T) => string;
  /** How those users are. */
  readonly outlook: (job: T) => Promise<Outlook>;
  /** So many of the jobs, from the first, were not done by the paused run before. */
  readonly notDoneBefore: number;
  readonly now: () => number;
  /** The job that a job comes after, if that is one of those before it. */
  readonly after?: ((job: T) => T | undefined) | undefined;
  /** Does one; `waits` is told when it begins and ends to wait for a user for long. */
  readonly work: (job: T, position: number, waits: (waits: boolean) => void) => Promise<void>;
}

interface Waiting<T> {
  readonly jobs: { readonly job: T; readonly position: number }[];
  busy: number;
}

/** Jobs that are open at once, for each that may be under way: what is begun holds some memory. */
const open = 4;

/**
 * Does every job, the next one always where there are requests to spare. One that waits for long leaves its place to another; one that comes after
 * another waits until that has ended, and the next go before it. When one rejects, or `outlook` does, no new one is begun, and the rejection is passed on
 * after those under way have ended.
 */
export async function workThrough<T>(
  jobs: readonly T[],
  { atOnce, lineOf, outlook, notDoneBefore, now, after, work }: Work<T>,
): Promise<void> {
  const positions = new Map(jobs.map((job, position) => [job, position]));
  const ended = new Set<number>();
  const isReady = ({ job, position }: Waiting<T>['jobs'][number]): boolean => {
    const first = after?.(job);
    const before = first === undefined ? undefined : positions.get(first);
    return before === undefined || before >= position || ended.has(before);
  };
  const lines = new Map<string, Waiting<T>>();
  for (const [position, job] of jobs.entries()) {
    const line = lines.get(lineOf(job)) ?? { jobs: [], busy: 0 };
    line.jobs.push({ job, position });
    lines.set(lineOf(job), line);
  }
  for (const line of lines.values()) line.jobs.reverse();
  const underWay = new Set<Promise<void>>();
  const parked = new Set<number>();
  const failures: unknown[] = [];
  let change = Promise.withResolvers<void>();
  const changed = () => {
    change.resolve();
    change = Promise.withResolvers();
  };

  const next = async (): Promise<{ readonly line: Waiting<T>; readonly first: Waiting<T>['jobs'][number] } | undefined> => {
    const waiting = [];
    for (const line of lines.values()) {
      const first = line.jobs.findLast(isReady);
      if (first === undefined) continue;
      const { users, readyAt } = await outlook(first.job);
      const { position } = first;
      waiting.push({ line, job: first, users, readyAt, busy: line.busy, first: position, doneBefore: position >= notDoneBefore });
    }
    const chosen = nextLine(waiting, now());
    return chosen && { line: chosen.line, first: chosen.job };
  };
  const begin = async (line: Waiting<T>, { job, position }: Waiting<T>['jobs'][number]): Promise<void> => {
    line.busy += 1;
    try {
      await work(job, position, (waits) => {
        // One that has ended has left its place.
        if (waits && !ended.has(position)) parked.add(position);
        else parked.delete(position);
        changed();
      });
    } catch (error) {
      failures.push(error);
    }
    parked.delete(position);
    ended.add(position);
    line.busy -= 1;
  };

  const beginAll = async (): Promise<void> => {
    while (failures.length === 0) {
      if (underWay.size - parked.size >= atOnce || underWay.size >= atOnce * open) {
        await change.promise;
        continue;
      }
      const { promise } = change;
      const found = await next();
      if (found === undefined) {
        if (underWay.size === 0) return;
        // What is left comes after some of those.
        await promise;
        continue;
      }
      const { line, first } = found;
      line.jobs.splice(line.jobs.lastIndexOf(first), 1);
      const job = begin(line, first).finally(() => {
        underWay.delete(job);
        changed();
      });
      underWay.add(job);
    }
  };

  await beginAll().catch((error: unknown) => failures.push(error));
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
}
