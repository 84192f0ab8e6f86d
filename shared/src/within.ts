import * as v from 'valibot';

/** A stretch of calendar time as restic writes it: `30d`, `12h`, `1y6m`. Years, months, days, hours, in this order. */
export const Within = v.pipe(
  v.string(),
  v.trim(),
  v.regex(
    /^(?=.)(?:\d{1,3}y)?(?:\d{1,4}m)?(?:\d{1,5}d)?(?:\d{1,6}h)?$/,
    'must be a time like 30d, 12h or 1y6m (years, months, days, hours)',
  ),
  v.check((text) => /[1-9]/.test(text), 'must be longer than nothing'),
);
export type Within = v.InferOutput<typeof Within>;

/** What a `within` says, unit by unit. */
export interface Stretch {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

export function stretchOf(within: Within): Stretch {
  const of = (unit: string): number => Number(new RegExp(`(\\d+)${unit}`).exec(within)?.[1] ?? 0);
  return { years: of('y'), months: of('m'), days: of('d'), hours: of('h') };
}
