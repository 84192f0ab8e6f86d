import { AppError } from './errors.ts';
import type { BackupWindow, Schedule } from './plan.ts';
import { isTimeZone, nextDue } from './schedule.ts';

const minute = 60_000;
/** Longer than any window stays shut: clocks that are set forward can pass over one, once. */
const longestShut = 3 * 24 * 60;

/** Whether a plan may ask Bitbucket now, and until when that stays so, in milliseconds since 1970. `closesAt` is `null` without a window. */
export type WindowState = { readonly open: true; readonly closesAt: number | null } | { readonly open: false; readonly opensAt: number };

/**
 * Refuses a window that is none, with the reason.
 * @throws AppError `bad-schedule`
 */
export function checkWindow({ from, to, timeZone }: BackupWindow): void {
  if (from === to) {
    throw new AppError('bad-schedule', `a backup window from ${from} to ${to} has no length`, {
      remedy: 'give it an end, as in 22:00-06:00, or no window at all',
    });
  }
  if (!isTimeZone(timeZone)) {
    throw new AppError('bad-schedule', `“${timeZone}” is not a time zone`, { remedy: 'use a name such as Europe/Warsaw or UTC' });
  }
}

/**
 * Judges by what clocks in the window's time zone show: where they are changed at night, a window is an hour longer or shorter than it looks,
 * and one that lies in the hour they pass over does not open on that day.
 */
export function windowState(window: BackupWindow | null, now: number): WindowState {
  if (window === null) return { open: true, closesAt: null };
  const isOpen = openIn(window);
  const open = isOpen(now);
  // Every time zone is whole minutes away from UTC, so what changes does so on a full minute.
  let at = Math.floor(now / minute);
  const last = at + longestShut;
  do at += 1;
  while (isOpen(at * minute) === open && at < last);
  return open ? { open, closesAt: at * minute } : { open, opensAt: at * minute };
}

/** How long a window is on a day without a change of clocks, in milliseconds. */
export function windowLength({ from, to }: BackupWindow): number {
  return ((minutesOf(to) - minutesOf(from) + 24 * 60) % (24 * 60)) * minute;
}

/** When a plan starts next by itself: when it comes due, or goes on after a pause, and its window is open. `null`: not by itself. */
export function nextStart(
  { schedule, window }: { readonly schedule: Schedule | null; readonly window: BackupWindow | null },
  now: number,
  paused: boolean,
): number | null {
  const wanted = paused ? now : schedule === null ? undefined : nextDue(schedule, now)[0];
  if (wanted === undefined) return null;
  const state = windowState(window, wanted);
  return state.open ? wanted : state.opensAt;
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

function openIn({ from, to, timeZone }: BackupWindow): (instant: number) => boolean {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return (instant) => {
    const shown = clock.format(instant);
    return from < to ? from <= shown && shown < to : from <= shown || shown < to;
  };
}
