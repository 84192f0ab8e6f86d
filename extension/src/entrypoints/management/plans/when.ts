/** How often a plan runs, as a person picks it. */
export const whenKinds = ['daily', 'weekdays', 'weekly', 'six-hours', 'hourly', 'custom', 'hand'] as const;
export type WhenKind = (typeof whenKinds)[number];

export const whenWords: Record<WhenKind, string> = {
  daily: 'Every day',
  weekdays: 'Monday to Friday',
  weekly: 'Every week',
  'six-hours': 'Every 6 hours',
  hourly: 'Every hour',
  custom: 'By a cron expression',
  hand: 'Only by hand',
};

export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

export interface When {
  readonly kind: WhenKind;
  /** `02:00`; for those that run at one time of day. */
  readonly time: string;
  /** 0 is Sunday; for `weekly`. */
  readonly weekday: number;
  /** What was typed, for `custom`. */
  readonly cron: string;
}

export const usualWhen: When = { kind: 'daily', time: '02:00', weekday: 0, cron: '0 2 * * *' };

/** The cron expression; `null` runs by hand only. */
export function cronOf({ kind, time, weekday, cron }: When): string | null {
  const [hour = '2', minute = '0'] = time.split(':').map((part) => String(Number(part)));
  switch (kind) {
    case 'daily':
      return `${minute} ${hour} * * *`;
    case 'weekdays':
      return `${minute} ${hour} * * 1-5`;
    case 'weekly':
      return `${minute} ${hour} * * ${weekday}`;
    case 'six-hours':
      return '0 */6 * * *';
    case 'hourly':
      return '0 * * * *';
    case 'custom':
      return cron.trim();
    case 'hand':
      return null;
  }
}

/** The pick that means a cron expression; what none of them means is `custom`. */
export function whenOf(cron: string | null): When {
  if (cron === null) return { ...usualWhen, kind: 'hand' };
  const plain = cron.trim().replaceAll(/\s+/g, ' ');
  const [, minute, hour, days] = /^(\d{1,2}) (\d{1,2}) \* \* (\*|1-5|[0-7])$/.exec(plain) ?? [];
  const base = { ...usualWhen, cron: plain };
  if (plain === '0 * * * *') return { ...base, kind: 'hourly' };
  if (plain === '0 */6 * * *') return { ...base, kind: 'six-hours' };
  if (minute === undefined || hour === undefined || Number(minute) > 59 || Number(hour) > 23) return { ...base, kind: 'custom' };
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (days === '*') return { ...base, kind: 'daily', time };
  if (days === '1-5') return { ...base, kind: 'weekdays', time };
  return { ...base, kind: 'weekly', time, weekday: Number(days) % 7 };
}

/** A schedule in words: `every day at 02:00`; without a preset, the expression itself. */
export function scheduleText(cron: string | null): string {
  const when = whenOf(cron);
  switch (when.kind) {
    case 'daily':
      return `every day at ${when.time}`;
    case 'weekdays':
      return `Monday to Friday at ${when.time}`;
    case 'weekly':
      return `every ${weekdays[when.weekday] ?? 'week'} at ${when.time}`;
    case 'six-hours':
      return 'every 6 hours';
    case 'hourly':
      return 'every hour';
    case 'custom':
      return `cron ${when.cron}`;
    case 'hand':
      return 'only by hand';
  }
}
