import { cureOf, Health, type Owner } from '@gitprotect/shared/credential';
import { expect, test } from 'vitest';
import { cureText } from './account-words.ts';

const ben: Owner = { name: 'ben', slug: 'ben', displayName: 'Ben Ortega' };
const fares = (state: Health['state'], cause?: Health['cause']): Health => ({
  state,
  checkedAt: null,
  message: null,
  ...(cause !== undefined && { cause }),
});

test('the cure of a credential names who must act, and another user where its owner cannot', () => {
  expect(cureText({ owner: ben, health: fares('expires-soon') })).toBe('renew it: Ben Ortega makes a new token in Bitbucket');
  expect(cureText({ owner: null, health: fares('expired') })).toBe(
    'renew it: an administrator of its project makes a new token in Bitbucket',
  );
  expect(cureText({ owner: ben, health: fares('rejected', 'owner-deactivated') })).toBe(
    'have Ben Ortega activated in Bitbucket again, or renew it with another user’s token',
  );
  expect(cureText({ owner: ben, health: fares('rejected', 'owner-gone') })).toBe('renew it with another user’s token');
});

test.each(Health.entries.state.options)('%s has a cure in the page where it has one in the terminal', (state) => {
  const health = fares(state);
  expect(cureText({ owner: ben, health }) === null).toBe(cureOf({ id: 'c1', health }) === null);
});
