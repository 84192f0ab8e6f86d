/* What is due, decided apart from doing it. Times in milliseconds since 1970. */

const day = 86_400_000;

/** Upkeep comes once a day at least: what must be done within so many days is due one day earlier. */
const latest = (days: number): number => Math.max(days - 1, 0.5) * day;

/** A time that lies ahead is from before the clock was set back, and says nothing. */
const older = (time: number, age: number, now: number): boolean => time > now || now - time >= age;

export interface DrillState {
  /** The newest snapshot, and the newest full one; ids of one repo compare as texts. */
  readonly newest: string;
  readonly newestFull: string | null;
  /** The last drill of the repo. */
  readonly last: { readonly snapshotId: string; readonly at: number; readonly proven: boolean } | null;
}

/** Whether a repo's newest snapshot is to be rebuilt now: each new full one at once, a failed one daily and when there is a newer one, all within `days`. */
export function drillIsDue({ newest, newestFull, last }: DrillState, days: number, now: number): boolean {
  if (last === null || last.snapshotId < (newestFull ?? '')) return true;
  if (!last.proven && last.snapshotId !== newest) return true;
  return older(last.at, last.proven ? latest(days) : day / 2, now);
}

export interface CheckState {
  readonly name: string;
  readonly bytes: number;
  readonly checkedAt: number | null;
  readonly problem: string | null;
}

/** What is read in a day however little there is. */
const least = 1_000_000_000;

/**
 * Which objects are read and compared now, the longest unread first: each within `days`, and a day's share in a day. What was wrong the last time is
 * looked at again each time.
 */
export function objectsToRead(objects: readonly CheckState[], days: number, now: number): string[] {
  const total = objects.reduce((sum, { bytes }) => sum + bytes, 0);
  const today = objects.filter(({ checkedAt }) => checkedAt !== null && !older(checkedAt, day, now));
  // A quarter more than the share: objects come every day.
  let left = Math.max(least, (1.25 * total) / days) - today.reduce((sum, { bytes }) => sum + bytes, 0);
  const names = objects.filter(({ problem }) => problem !== null).map(({ name }) => name);
  const due = objects
    .filter(({ checkedAt, problem }) => problem === null && (checkedAt === null || older(checkedAt, latest(days), now)))
    .toSorted((a, b) => (a.checkedAt ?? 0) - (b.checkedAt ?? 0));
  for (const { name, bytes } of due) {
    if (left <= 0) break;
    names.push(name);
    left -= bytes;
  }
  return names;
}
