import { describe, expect, test } from 'vitest';
import { PublishedApi, referencePresent } from '../bitbucket/openapi.ts';
import { router } from '../bitbucket/rest/routes.ts';
import { operationsUsed as used } from './operations-used.ts';

/** Answered by every Bitbucket, and in no published document. */
const unpublished = [
  'GET /branch-utils/latest/projects/{projectKey}/branchmodel/configuration',
  'GET /branch-utils/latest/projects/{projectKey}/repos/{repositorySlug}/branchmodel/configuration',
  'PUT /branch-utils/latest/projects/{projectKey}/branchmodel/configuration',
  'PUT /branch-utils/latest/projects/{projectKey}/repos/{repositorySlug}/branchmodel/configuration',
  'GET /git-lfs/admin/projects/{projectKey}/repos/{repositorySlug}/enabled',
  'PUT /git-lfs/admin/projects/{projectKey}/repos/{repositorySlug}/enabled',
];

/** An address of the operation. */
const filled = (operation: string): readonly [method: string, path: string] => {
  const [method = '', path = ''] = operation.split(' ');
  return [method, `/rest${path.replaceAll(/\{\w+\}/g, '1')}`];
};

describe('the operations that the agent uses', () => {
  test('are all simulated', () => {
    expect(used.length).toBeGreaterThan(80);
    expect(used.filter((operation) => router.find(...filled(operation)).kind !== 'route')).toEqual([]);
  });

  test.skipIf(!referencePresent)('are as many as are published or known to be unpublished', () => {
    const api = new PublishedApi();
    const covered = used.filter((operation) => api.has(operation) || unpublished.includes(operation));
    expect(used.filter((operation) => !covered.includes(operation))).toEqual([]);
    expect(covered).toHaveLength(used.length);
  });
});
