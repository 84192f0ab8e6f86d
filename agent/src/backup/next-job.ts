import type { Outlook } from '../credentials/pool.ts';

/** The jobs of a run that the same users can serve, as far as they wait. */
export interface JobLine extends Outlook {
  /** How many of its jobs are under way. */
  readonly busy: number;
  /** Place of its first waiting job in the run. */
  readonly first: number;
  /** Whether that one was done by the paused run before this: those that were not come first, or some would never have their turn. */
  readonly doneBefore: boolean;
}

/** A user that can be asked so soon is as good as ready, in milliseconds. */
const soon = 2000;

/**
 * Decides from which line the next job is begun. What few users can serve comes first, for those decide how long the run takes, but no more of it
 * than keeps them busy: a job that only waits would hold a place in which another one works. So first the lines that can go on now and those of
 * which nothing is under way; of these those not done before, the ones with fewest users, then the order of the run.
 */
export function nextLine<L extends JobLine>(lines: readonly L[], now: number): L | undefined {
  const isHungry = ({ readyAt, busy }: JobLine): boolean => readyAt <= now || (busy === 0 && readyAt <= now + soon);
  const hungry = lines.filter(isHungry);
  if (hungry.length > 0)
    return hungry.toSorted((a, b) => Number(a.doneBefore) - Number(b.doneBefore) || a.users - b.users || a.first - b.first)[0];
  // Two that nobody can ever serve are equal, which a difference would not say.
  return lines.toSorted((a, b) => (a.readyAt === b.readyAt ? a.first - b.first : a.readyAt - b.readyAt))[0];
}
