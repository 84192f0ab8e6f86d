import type { Snapshot } from '@gitprotect/shared/snapshot';
import { expect, test } from 'vitest';
import type { ProjectView } from '../../../ui/words/safety.ts';
import { listedProjects } from './listed-projects.ts';

const project = (key: string): ProjectView => ({
  id: `p ${key}`,
  serverId: 's1',
  key,
  name: key === 'ORCH' ? 'Orchard' : null,
  bitbucketId: null,
  addedAt: '2026-11-01T00:00:00.000Z',
  serverUrl: 'https://git.example.com',
  credentialIds: [],
  ownCredentialId: null,
  coverage: { repos: 0, uncovered: [], checkedAt: null },
  lastSnapshotAt: null,
  warnings: [],
});
const snapshot = (projectKey: string, takenAt: string): Snapshot => ({
  id: '00000001',
  serverId: 's1',
  repoId: 1,
  projectKey,
  slug: 'core',
  runId: 'r1',
  takenAt,
  kind: 'full',
  objectFormat: 'sha1',
  refs: 1,
  head: null,
  bytes: 1,
  chainBytes: 1,
  chainLength: 1,
  warnings: [],
});

test('a project that was removed here is listed after the others, with its newest snapshot', () => {
  const listed = listedProjects(
    [project('ORCH'), project('LAB')],
    [
      snapshot('OLD', '2026-11-20T00:00:00.000Z'),
      snapshot('ORCH', '2026-11-19T00:00:00.000Z'),
      snapshot('OLD', '2026-11-02T00:00:00.000Z'),
    ],
  );
  expect(listed).toEqual([
    { key: 'ORCH', name: 'Orchard', newestAt: null, removed: false },
    { key: 'LAB', name: 'LAB', newestAt: null, removed: false },
    { key: 'OLD', name: 'OLD', newestAt: '2026-11-20T00:00:00.000Z', removed: true },
  ]);
});
