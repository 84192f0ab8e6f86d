import type { Credential } from '@gitprotect/shared/credential';
import { describe, expect, test } from 'vitest';
import { accountsFor, sameAdditional, toggled, usersOf } from './plan-accounts.ts';

const credential = (
  id: string,
  user: string | null,
  projects: Record<string, boolean>,
  state: Credential['health']['state'] = 'healthy',
): Credential => ({
  id,
  serverId: 's1',
  name: id,
  tokenId: null,
  kind: user === null ? 'project' : 'user',
  owner: user === null ? null : { name: user, slug: user, displayName: user },
  permissions: null,
  expiresAt: null,
  health: { state, checkedAt: null, message: null },
  attachments: Object.entries(projects).map(([projectId, own]) => ({ projectId, own, sees: null, of: null })),
  plans: [],
  addedAt: '2026-11-01T00:00:00.000Z',
  lastUsedAt: null,
});

describe('accounts of a plan', () => {
  const all = [
    credential('spare', 'ann', { p1: false }),
    credential('first', 'ann', { p1: true }),
    credential('bob', 'bob', { p1: false, p2: true }),
    credential('elsewhere', 'eve', { p3: true }),
  ];

  test('are those of its projects, each project’s own first', () => {
    expect(accountsFor(['p1'], all).map(({ credentialId, own }) => [credentialId, own])).toEqual([
      ['first', true],
      ['spare', false],
      ['bob', false],
    ]);
  });

  test('name the earlier account of the same user', () => {
    const twins = accountsFor(['p1'], all).map(({ credentialId, sameUserAs }) => [credentialId, sameUserAs]);
    expect(twins).toEqual([
      ['first', null],
      ['spare', 'first'],
      ['bob', null],
    ]);
  });

  test('an account that is own in one project is own in the plan', () => {
    expect(accountsFor(['p1', 'p2'], all).find(({ credentialId }) => credentialId === 'bob')?.own).toBe(true);
  });
});

describe('users at work', () => {
  const accounts = accountsFor(
    ['p1'],
    [
      credential('first', 'ann', { p1: true }),
      credential('spare', 'ann', { p1: false }),
      credential('bob', 'bob', { p1: false }),
      credential('dead', 'old', { p1: false }, 'expired'),
      credential('bot', null, { p1: false }),
    ],
  );

  test.for([
    ['only the own account while the switch is off', { enabled: false, credentialIds: ['bob'] }, 1],
    ['a second token of one user adds nobody', { enabled: true, credentialIds: ['spare'] }, 1],
    ['another user adds one', { enabled: true, credentialIds: ['spare', 'bob'] }, 2],
    ['an expired token adds nobody', { enabled: true, credentialIds: ['dead'] }, 1],
    ['a project token is a user of its own', { enabled: true, credentialIds: ['bot'] }, 2],
  ] as const)('%s', ([, { enabled, credentialIds }, users]) => {
    expect(usersOf(accounts, { enabled, credentialIds: [...credentialIds] })).toBe(users);
  });
});

describe('an edited choice', () => {
  const base = { enabled: true, credentialIds: ['a', 'b'] };

  test('toggling on and off again is no change, whatever the order', () => {
    expect(sameAdditional(toggled(toggled(base, 'a', false), 'a', true), base)).toBe(true);
  });

  test('a toggle or the switch is a change', () => {
    expect(sameAdditional(toggled(base, 'c', true), base)).toBe(false);
    expect(sameAdditional(toggled(base, 'a', false), base)).toBe(false);
    expect(sameAdditional({ ...base, enabled: false }, base)).toBe(false);
  });
});
