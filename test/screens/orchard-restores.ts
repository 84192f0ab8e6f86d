import type { ServerRestoreReport } from '@gitprotect/shared/restore';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import { server, snapshots } from './orchard.ts';

const [snapshot] = snapshots as [Snapshot];
const place = { snapshot, from: 'ORCH/core', projectKey: 'TEST', slug: 'core', url: `${server.url}/projects/TEST/repos/core` };

/** What a restore to Bitbucket would do. */
export const planned: ServerRestoreReport = {
  dryRun: true,
  missingRights: ['the token may not administer project TEST: permissions of groups stay as they are'],
  verified: false,
  milliseconds: 840,
  places: [
    {
      ...place,
      limits: [],
      items: [
        { kind: 'repository', what: 'repository “core”', state: 'will' },
        { kind: 'git', what: '812 branches and tags', state: 'will' },
        { kind: 'lfs-objects', what: '12 large files', state: 'will' },
        { kind: 'labels', what: 'label “payments”', state: 'will' },
        { kind: 'webhooks', what: 'webhook “ci”', state: 'will' },
        { kind: 'webhooks', what: 'secret of webhook “ci”', state: 'to-do', why: 'Bitbucket never shows it: set it again by hand' },
        { kind: 'pull-requests', what: '14 open pull requests', state: 'will' },
        { kind: 'pull-requests', what: '297 merged and declined pull requests', state: 'cannot', why: 'they are in the offline archive' },
        { kind: 'user-permissions', what: 'write access of “mallory”', state: 'cannot', why: 'the server knows no user “mallory”' },
      ],
    },
  ],
};

/** What it did. */
export const restored: ServerRestoreReport = {
  ...planned,
  dryRun: false,
  missingRights: [],
  milliseconds: 74_000,
  places: [
    {
      ...place,
      items: [
        { kind: 'git', what: '812 branches and tags', state: 'restored' },
        { kind: 'labels', what: 'label “payments”', state: 'restored' },
        { kind: 'webhooks', what: 'webhook “ci”', state: 'restored' },
        { kind: 'webhooks', what: 'secret of webhook “ci”', state: 'to-do', why: 'Bitbucket never shows it: set it again by hand' },
        { kind: 'hooks', what: 'hook “Reject force push”', state: 'failed', why: 'the server refused it (HTTP 409)' },
      ],
      limits: ['numbers, dates and authors of 14 pull requests', 'approvals of 9 pull requests'],
    },
  ],
};
