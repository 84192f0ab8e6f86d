import type { PlanChoice } from '@gitprotect/shared/protocol';
import { describe, expect, test } from 'vitest';
import type { ListedToken } from '../bitbucket/listed-token.ts';
import { newTokenName } from './cards/create-card.tsx';
import { ownerOf } from './offer-new-token.tsx';
import { tokenState } from './token-state.ts';
import type { StoredCredential } from './tokens-session.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const token = (id: string, more: Partial<ListedToken> = {}): ListedToken => ({
  id,
  name: `token ${id}`,
  permissions: [],
  createdAt: now,
  expiresAt: null,
  ...more,
});
const plan = (more: Partial<PlanChoice>): PlanChoice => ({
  id: 'p',
  name: 'Nightly',
  projectKeys: [],
  enabled: false,
  own: false,
  sameUser: false,
  ...more,
});
const stored = (plans: PlanChoice[], state: StoredCredential['health']['state'] = 'healthy'): StoredCredential => ({
  id: 'c',
  tokenId: '1',
  name: 'x',
  ownerSlug: 'ana',
  health: { state, checkedAt: null, message: null },
  plans,
});

describe('a token’s button', () => {
  test('offers to add what is not there', () => {
    expect(tokenState(token('1'), null, now)).toEqual({ kind: 'add' });
  });

  test('counts the plans that use it, as one’s own account or as an additional one', () => {
    expect(tokenState(token('1'), stored([plan({}), plan({ own: true }), plan({ enabled: true })]), now)).toMatchObject({
      kind: 'in',
      plans: 2,
    });
  });

  test('offers a new one for what has expired, by Bitbucket’s date or the agent’s finding', () => {
    expect(tokenState(token('1', { expiresAt: now }), null, now)).toMatchObject({ kind: 'expired' });
    expect(tokenState(token('1'), stored([], 'expired'), now)).toMatchObject({ kind: 'expired' });
    expect(tokenState(token('1', { expiresAt: now + 86_400_000 }), stored([]), now)).toMatchObject({ kind: 'in', ends: true });
  });
});

describe('a secret that is shown', () => {
  const shown = (tokenId: string | null) => ({ secret: 's', tokenId, element: document.body });

  test('belongs to the token of its id, and to nobody when it is not in the list', () => {
    expect(ownerOf(shown('2'), [token('1'), token('2')], [])).toEqual({ token: token('2') });
    expect(ownerOf(shown('9'), [token('1')], [])).toBeNull();
  });

  test('belongs, with its id hidden, to the only token that is new', () => {
    expect(ownerOf(shown(null), [token('1'), token('2')], [token('1')])).toEqual({ token: token('2') });
    expect(ownerOf(shown(null), [token('1'), token('2')], [])).toEqual({ token: null });
  });
});

test('a new token gets a name that is not taken', () => {
  const taken = (...names: string[]) => names.map((name) => token('1', { name }));
  expect(newTokenName('2026-11-22', [])).toBe('gitprotect-backup-2026-11-22');
  expect(newTokenName('2026-11-22', taken('gitprotect-backup-2026-11-22', 'gitprotect-backup-2026-11-22-2'))).toBe(
    'gitprotect-backup-2026-11-22-3',
  );
  expect(newTokenName('2026-11-22', [], 'laptop')).toBe('laptop-renewed-2026-11-22');
  expect(newTokenName('2026-11-22', taken('laptop-renewed-2026-11-22'), 'laptop-renewed-2026-11-22')).toBe('laptop-renewed-2026-11-22-2');
});
