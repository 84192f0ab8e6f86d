import { endpoint, scoped } from '../../endpoint.ts';
import { objectKind } from '../object-kind.ts';

/** What a pull request needs to be merged, and how it is. A project keeps merge strategies by kind of repo, and all repos are git's. */
export const pullRequestSettings = objectKind({
  kind: 'pull-request-settings',
  needs: 'read',
  at: {
    repo: scoped('/api/latest', '/settings/pull-requests').repo,
    project: endpoint('/api/latest/projects/{projectKey}/settings/pull-requests/{scmId}'),
  },
  names: { scmId: 'git' },
});
