const day = 86_400_000;

function sameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}

function options(timeZone: string | undefined): Intl.DateTimeFormatOptions {
  return timeZone === undefined ? {} : { timeZone };
}

/** `02:00`. */
export function clockTime(time: number, timeZone?: string): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', ...options(timeZone) }).format(time);
}

/** `Mon 23 Nov, 02:00`. */
export function dayAndTime(time: number, timeZone?: string): string {
  const date = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', ...options(timeZone) }).format(time);
  return `${date.replace(',', '')}, ${clockTime(time, timeZone)}`;
}

/** `23 Nov 2026`. */
export function calendarDay(time: number): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }).format(time);
}

/** A time near `now` as people say it: `today 14:02`, `tomorrow 02:00`, `yesterday 23:10`, else `Mon 23 Nov, 02:00`. Milliseconds since 1970. */
export function moment(time: number, now: number): string {
  const date = new Date(time);
  if (sameDay(date, new Date(now))) return `today ${clockTime(time)}`;
  if (sameDay(date, new Date(now + day))) return `tomorrow ${clockTime(time)}`;
  if (sameDay(date, new Date(now - day))) return `yesterday ${clockTime(time)}`;
  return dayAndTime(time);
}

/** The same for what is to come, without naming today: `02:00`, `tomorrow 02:00`. */
export function upcoming(time: number, now: number): string {
  return moment(time, now).replace(/^today /, '');
}
