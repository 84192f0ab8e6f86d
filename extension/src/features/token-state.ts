import { formatAgo } from '@gitprotect/shared/format';
import { type ListedToken, isExpired } from '../bitbucket/listed-token.ts';
import type { StoredCredential } from './tokens-session.ts';

/** What a token's button says and does. */
export type TokenState =
  | { readonly kind: 'add' }
  | { readonly kind: 'in'; readonly stored: StoredCredential; readonly plans: number }
  /** Expired, whether or not the agent has it: only a new one helps. */
  | { readonly kind: 'renew'; readonly stored: StoredCredential | null };

export function tokenState(token: ListedToken, stored: StoredCredential | null, now: number): TokenState {
  if (isExpired(token, now) || stored?.health.state === 'expired') return { kind: 'renew', stored };
  if (stored === null) return { kind: 'add' };
  return { kind: 'in', stored, plans: stored.plans.filter(({ enabled, own }) => enabled || own).length };
}

/** `2026-11-22` in the person's own time zone. */
export const isoDay = (time: number) => new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

/** What tells two tokens of one name apart, in a line. */
export function factsOf({ permissions, createdAt, expiresAt }: ListedToken, now: number): string {
  const rights = permissions.map((permission) => permission.toLowerCase().replace('_', ' ')).join(', ');
  const created = createdAt === null ? [] : [`created ${formatAgo(createdAt, now)}`];
  const expires = expiresAt === null ? 'never expires' : `${expiresAt > now ? 'expires' : 'expired'} ${formatAgo(expiresAt, now)}`;
  return [rights, ...created, expires].join(' · ');
}
