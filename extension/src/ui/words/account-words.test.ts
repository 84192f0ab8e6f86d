import { cureOf, Health } from '@gitprotect/shared/credential';
import { expect, test } from 'vitest';
import { healthText } from './account-words.ts';

const fares = (state: Health['state'], cause?: Health['cause']): Health => ({
  state,
  checkedAt: null,
  message: null,
  ...(cause !== undefined && { cause }),
});

test('the cure of a credential names who must act, and another user where its owner cannot', () => {
  expect(healthText(fares('expires-soon'), 'Ben Ortega')).toBe('Renew it: Ben Ortega makes a new token in Bitbucket.');
  expect(healthText(fares('expired'), null)).toBe('Renew it: an administrator of its project makes a new token in Bitbucket.');
  expect(healthText(fares('rejected', 'owner-deactivated'), 'Ben Ortega')).toBe(
    'Have Ben Ortega activated in Bitbucket again, or renew it with another user’s token.',
  );
  expect(healthText(fares('rejected', 'owner-gone'), 'Ben Ortega')).toBe('Renew it with another user’s token.');
});

test.each(Health.entries.state.options)('%s has a cure in the page where it has one in the terminal', (state) => {
  const health = fares(state);
  expect(healthText(health, 'Ben Ortega') === '').toBe(cureOf({ id: 'c1', health }) === null);
});

test('one that is accepted and does not see a project needs a right there', () => {
  const health: Health = { ...fares('healthy', 'no-read'), message: 'cannot read ORCH' };
  expect(healthText(health, 'Ben Ortega')).toBe('Cannot read ORCH. Give Ben Ortega read access there.');
  expect(cureOf({ id: 'c1', health })).toBe('give its owner read access there');
  const renamed: Health = { ...fares('healthy'), message: 'its owner is called ben.ortega now, before ben' };
  expect(healthText(renamed, 'Ben Ortega')).toBe('Its owner is called ben.ortega now, before ben.');
  expect(cureOf({ id: 'c1', health: renamed })).toBeNull();
});
