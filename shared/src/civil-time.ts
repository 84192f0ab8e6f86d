import type { Stretch } from './within.ts';

/*
 * The time that clocks on the wall show in a time zone, as a number: milliseconds since 1970, as if they stood in UTC. Days, weeks and months are
 * counted on it, so that a day is a day where clocks are changed.
 */

const hour = 3_600_000;
const day = 24 * hour;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const two = '2-digit';
  const parts = { year: 'numeric', month: two, day: two, hour: two, minute: two, second: two } as const;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23', ...parts });
  formats.set(timeZone, format);
  return format;
}

/** What clocks in a time zone show at an instant (milliseconds since 1970). */
export function civilTime(instant: number, timeZone: string): number {
  const shown = new Map(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

/** Names the hour, day, ISO week, month or year an instant is in: two instants are in the same one exactly when these are equal. */
export const periods = {
  /** The hour that comes twice, when clocks are set back, is two. */
  hourly: (instant: number, timeZone: string): string => {
    const civil = civilTime(instant, timeZone);
    return `${Math.floor(civil / hour)} ${Math.round((civil - instant) / 60_000)}`;
  },
  daily: (instant: number, timeZone: string): string => String(Math.floor(civilTime(instant, timeZone) / day)),
  /** 1970 began on a Thursday, weeks begin on Monday. */
  weekly: (instant: number, timeZone: string): string => String(Math.floor((civilTime(instant, timeZone) / day + 3) / 7)),
  monthly: (instant: number, timeZone: string): string => new Date(civilTime(instant, timeZone)).toISOString().slice(0, 7),
  yearly: (instant: number, timeZone: string): string => new Date(civilTime(instant, timeZone)).toISOString().slice(0, 4),
} as const;

/** Whether an instant is not earlier than a stretch of calendar time before another: a month before the 31st is the last of a shorter month. */
export function isWithin(instant: number, { years, months, days, hours }: Stretch, before: { instant: number; timeZone: string }): boolean {
  const from = new Date(civilTime(before.instant, before.timeZone));
  const target = new Date(Date.UTC(from.getUTCFullYear() - years, from.getUTCMonth() - months, 1));
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  const begin = target.getTime() + (Math.min(from.getUTCDate(), lastDay) - 1 - days) * day + (from.getTime() % day);
  return civilTime(instant + hours * hour, before.timeZone) >= begin;
}
