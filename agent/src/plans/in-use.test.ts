import { describe, expect, test } from 'vitest';
import { credentialsInUse } from './in-use.ts';

const ties = [
  { credentialId: 'own', projectId: 'p', own: true },
  { credentialId: 'extra', projectId: 'p', own: false },
  { credentialId: 'spare', projectId: 'p', own: false },
  { credentialId: 'extra', projectId: 'q', own: true },
];

describe('the credentials a plan uses for a project', () => {
  test('are its own one alone while the switch is off, whatever is toggled', () => {
    expect(credentialsInUse({ enabled: false, credentialIds: ['extra', 'spare'] }, ties, 'p')).toEqual(['own']);
  });

  test('are its own one alone while the switch is on and nothing is toggled', () => {
    expect(credentialsInUse({ enabled: true, credentialIds: [] }, ties, 'p')).toEqual(['own']);
  });

  test('are the toggled additional ones too when the switch is on', () => {
    expect(credentialsInUse({ enabled: true, credentialIds: ['extra'] }, ties, 'p')).toEqual(['own', 'extra']);
  });

  test('never include one that is not attached to the project', () => {
    expect(credentialsInUse({ enabled: true, credentialIds: ['spare'] }, ties, 'q')).toEqual(['extra']);
  });
});
