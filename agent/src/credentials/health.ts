import type { Health } from '@gitprotect/shared/credential';

const day = 86_400_000;
const warnAtDays = [1, 7, 14] as const;

/** How near a credential's end is: past it, or within 1, 7 or 14 days of it. */
export type Expiry =
  | { readonly kind: 'fine' }
  | { readonly kind: 'soon'; readonly days: number; readonly level: 1 | 7 | 14 }
  | { readonly kind: 'past' };

/** Both times in milliseconds since 1970; `days` are begun days that remain. A change of `level` is what to tell the owner about. */
export function expiryOf(expiresAt: number | null, now: number): Expiry {
  if (expiresAt === null) return { kind: 'fine' };
  const days = Math.ceil((expiresAt - now) / day);
  if (expiresAt <= now) return { kind: 'past' };
  const level = warnAtDays.find((limit) => days <= limit);
  return level === undefined ? { kind: 'fine' } : { kind: 'soon', days, level };
}

/** What bears on the health shown: what was stored at the last look, and what time has done since. */
export interface HealthFacts {
  readonly stored: Health;
  readonly expiresAt: number | null;
  /** Until when its user is throttled, `null` when it is not. */
  readonly parkedUntil: number | null;
  readonly now: number;
}

/** The health to show now. What a person must put right comes before what passes by itself. */
export function shownHealth({ stored, expiresAt, parkedUntil, now }: HealthFacts): Health {
  const { checkedAt } = stored;
  const expiry = expiryOf(expiresAt, now);
  if (expiry.kind === 'past') return { state: 'expired', checkedAt, message: 'has expired' };
  if (stored.state === 'rejected' || stored.state === 'expired') return stored;
  if (parkedUntil !== null && parkedUntil > now) {
    return { state: 'throttled', checkedAt, message: `throttled by Bitbucket until ${new Date(parkedUntil).toISOString()}` };
  }
  if (expiry.kind === 'soon') {
    const left = expiry.days === 1 ? 'within a day' : `in ${expiry.days} days`;
    return { state: 'expires-soon', checkedAt, message: `expires ${left}` };
  }
  return stored;
}
