import { expect, test } from 'vitest';
import { notPermittedInRun } from './not-permitted.ts';
import type { Outcome } from './run.ts';

const unchanged = (...notPermitted: NonNullable<Extract<Outcome, { state: 'unchanged' }>['notPermitted']>) => ({
  outcome: { state: 'unchanged' as const, snapshotId: '00000001', notPermitted },
});

test('what may not be read is told once for all repos of a run, with in how many', () => {
  const jobs = [unchanged('webhooks'), unchanged('access-keys'), unchanged('access-keys', 'webhooks'), unchanged(), { outcome: null }];
  const { repos, kinds } = notPermittedInRun(jobs);
  expect(repos).toBe(3);
  expect(kinds.toSorted()).toEqual(['access-keys', 'webhooks']);
});
