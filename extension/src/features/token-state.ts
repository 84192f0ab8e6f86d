import { type ListedToken, isExpired } from '../bitbucket/listed-token.ts';
import type { StoredCredential } from './tokens-session.ts';

/** What a token's button says and does. */
export type TokenState =
  | { readonly kind: 'add' }
  /** `ends`: soon, so that its successor is due. */
  | { readonly kind: 'in'; readonly stored: StoredCredential; readonly ends: boolean; readonly plans: number }
  /** Whether or not the agent has it: only a new one helps. */
  | { readonly kind: 'expired'; readonly stored: StoredCredential | null };

/** As the agent warns: two weeks, in milliseconds. */
const soon = 14 * 86_400_000;

export function tokenState(token: ListedToken, stored: StoredCredential | null, now: number): TokenState {
  if (isExpired(token, now) || stored?.health.state === 'expired') return { kind: 'expired', stored };
  if (stored === null) return { kind: 'add' };
  return {
    kind: 'in',
    stored,
    ends: isExpired(token, now + soon),
    plans: stored.plans.filter(({ enabled, own }) => enabled || own).length,
  };
}

/** `2026-11-22` in the person's own time zone. */
export const isoDay = (time: number) => new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

/** What tells two tokens of one name apart, in a line. With days, not with “2 months ago”, which both may be. */
export function factsOf({ permissions, createdAt, expiresAt }: ListedToken, now: number): string {
  const rights = permissions.map((permission) => permission.toLowerCase().replace('_', ' ')).join(', ');
  const created = createdAt === null ? [] : [`created ${isoDay(createdAt)}`];
  const expires = expiresAt === null ? 'never expires' : `${expiresAt > now ? 'expires' : 'expired'} ${isoDay(expiresAt)}`;
  return [rights, ...created, expires].join(' · ');
}
