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
