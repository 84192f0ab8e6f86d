import { Cron } from 'croner';
import { AppError } from './errors.ts';
import type { Schedule } from './plan.ts';

/** Whether a name is one of a time zone here. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * Reads a schedule. croner, because it runs a 02:30 job on the day that has no 02:30 (node-cron skips it).
 * @throws AppError `bad-schedule` that names the field or the time zone
 */
function cronOf({ cron, timeZone }: Schedule): Cron {
  if (cron.trim().split(/\s+/).length !== 5) {
    throw new AppError('bad-schedule', `“${cron}” is not a schedule: it needs five fields (minute hour day month weekday)`, {
      remedy: 'for every day at two in the morning write "0 2 * * *"',
    });
  }
  if (!isTimeZone(timeZone)) {
    throw new AppError('bad-schedule', `“${timeZone}” is not a time zone`, { remedy: 'use a name such as Europe/Warsaw or UTC' });
  }
  try {
    return new Cron(cron, { timezone: timeZone, paused: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'not readable';
    throw new AppError('bad-schedule', `“${cron}” is not a schedule: ${reason}`, {
      remedy: 'for every day at two in the morning write "0 2 * * *"',
    });
  }
}

/** Refuses a schedule that never comes due, with the reason. */
export function checkSchedule(schedule: Schedule, now: number): void {
  if (cronOf(schedule).nextRun(new Date(now)) === null) {
    throw new AppError('bad-schedule', `“${schedule.cron}” never comes due`, { remedy: 'check day and month' });
  }
}

/** The next `count` times after `after` (milliseconds since 1970). */
export function nextDue(schedule: Schedule, after: number, count = 1): number[] {
  return cronOf(schedule)
    .nextRuns(count, new Date(after))
    .map((date) => date.getTime());
}

/**
 * Whether a plan must run now: something came due after `since` (its last start, or its creation) and not later than `now`.
 * Hours asleep or switched off make one catch-up, never a queue.
 */
export function dueBetween(schedule: Schedule, since: number, now: number): number | null {
  const next = nextDue(schedule, since)[0];
  return next !== undefined && next <= now ? next : null;
}
