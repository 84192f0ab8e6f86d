// For tests: a repo's pull requests and settings, as a server would send them.
import type { KindStates } from '@gitprotect/shared/metadata';
import type { LiveRecord } from '../../catalogue/metadata-object.ts';
import type { Records } from '../live-record.ts';
import type { ArchiveOf } from './page.ts';
import { ada, ben, chloe, comment, fullPullRequest, minutes, start } from './sample-pull-request.ts';

export const sampleOf: ArchiveOf = {
  projectKey: 'ORCH',
  slug: 'press',
  name: 'Apple press',
  server: 'https://bitbucket.example.com',
  snapshotId: '00000012',
  takenAt: '2026-03-02T02:00:04Z',
};

/** A pull request of which nothing else is to be said. */
export function pullRequest(id: number, more: object = {}, activities: readonly unknown[] = []): LiveRecord {
  const { fromRef, toRef, author } = fullPullRequest.pullRequest;
  const at = start - id * 86_400_000;
  const facts = {
    id,
    version: 0,
    title: `Change ${id}`,
    state: 'OPEN',
    createdDate: at,
    updatedDate: at,
    fromRef,
    toRef,
    author,
    reviewers: [],
  };
  return { kind: 'pull-requests', key: String(id), value: { pullRequest: { ...facts, ...more }, activities } };
}

/** A comment among the activities. */
export const said = (id: number, text: string): object => ({
  id: 1000 + id,
  action: 'COMMENTED',
  commentAction: 'ADDED',
  createdDate: minutes(id),
  user: ben,
  comment: comment(id, ben, text),
});

const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAECAIAAAA8r+mnAAAASklEQVR42g3JwQkAMQgAwSsniIhIsLatT0Qs6zLf+Q4rrLLGOhvsZZP9DiOMMsY4E8xlknnRQitttNNBXzrpFyWUUkY5FdSlkvoB1PwtgVCJHCMAAAAASUVORK5CYII=';

export const sampleRecords: readonly LiveRecord[] = [
  { kind: 'pull-requests', key: '12', value: fullPullRequest },
  pullRequest(11, { title: 'Weigh the apples twice', state: 'OPEN', author: { user: ben } }, [
    said(41, 'The second scale is in the cellar, beside the mousetrap.'),
  ]),
  pullRequest(10, { title: 'Paint it red', state: 'DECLINED', author: { user: chloe }, description: 'Only a *colour*.' }),
  { kind: 'attachments', key: '31', value: { id: '31', name: 'plate.png', contentType: 'image/png', base64: picture } },
  {
    kind: 'attachments',
    key: '32',
    value: { id: '32', name: 'measurements.csv', contentType: 'text/csv', base64: Buffer.from('load,kg\n').toString('base64') },
  },
  {
    kind: 'details',
    key: '-',
    value: { id: 7, slug: 'press', name: 'Apple press', description: 'Presses apples.', public: false, archived: false, forkable: true },
  },
  {
    kind: 'branch-restrictions',
    key: '-',
    value: [
      {
        id: 1,
        type: 'no-deletes',
        scope: { type: 'REPOSITORY', resourceId: 7 },
        matcher: { id: 'refs/heads/main', displayId: 'main', type: { id: 'BRANCH', name: 'Branch' } },
        users: [ada],
        groups: ['gardeners'],
        accessKeys: [],
      },
      {
        id: 2,
        type: 'fast-forward-only',
        scope: { type: 'PROJECT', resourceId: 3 },
        matcher: { id: 'release/*', displayId: 'release/*', type: { id: 'PATTERN', name: 'Pattern' } },
        users: [],
        groups: [],
        accessKeys: [],
      },
    ],
  },
  {
    kind: 'webhooks',
    key: '-',
    value: [
      {
        id: 4,
        name: 'ci',
        url: 'https://ci.example.com/hook',
        active: true,
        events: ['repo:refs_changed', 'pr:opened'],
        configuration: {},
        createdDate: start,
      },
    ],
  },
  {
    kind: 'user-permissions',
    key: '-',
    value: [
      { user: ada, permission: 'REPO_ADMIN' },
      { user: ben, permission: 'REPO_WRITE' },
    ],
  },
  {
    kind: 'pull-request-settings',
    key: '-',
    value: {
      requiredAllApprovers: false,
      requiredApprovers: 1,
      mergeConfig: {
        defaultStrategy: { id: 'no-ff', name: 'Merge commit' },
        strategies: [
          { id: 'no-ff', name: 'Merge commit' },
          { id: 'squash', name: 'Squash' },
        ],
      },
    },
  },
  { kind: 'labels', key: '-', value: [{ name: 'hydraulics' }, { name: 'safety' }] },
  { kind: 'lfs-objects', key: 'd'.repeat(64), value: { bytes: 12, path: 'plans/press.dwg' } },
];

export const sampleKinds: KindStates = {
  details: { state: 'saved', records: 1 },
  'pull-requests': { state: 'saved', records: 3 },
  attachments: { state: 'saved', records: 2 },
  'branch-restrictions': { state: 'saved', records: 1 },
  webhooks: { state: 'saved', records: 1 },
  'user-permissions': { state: 'saved', records: 1 },
  labels: { state: 'saved', records: 1 },
  'pull-request-settings': { state: 'saved', records: 1 },
  'hook-scripts': { state: 'not-permitted' },
  'auto-merge': { state: 'not-available' },
  'commit-comments': { state: 'not-listable' },
  'access-keys': { state: 'left-out' },
  hooks: { state: 'failed', message: 'the answer was not JSON' },
};

/** Records as a snapshot gives them. */
export const recordsFrom = (all: Iterable<LiveRecord>): Records =>
  async function* (kinds) {
    for (const record of all) {
      await Promise.resolve();
      if (kinds === undefined || kinds.includes(record.kind)) yield record;
    }
  };
