import { endpoint } from '../../endpoint.ts';
import { objectReader } from '../simple-readers.ts';

const repo = endpoint('/api/latest/projects/{projectKey}/repos/{repositorySlug}/settings/pull-requests');
/** A project has them for each kind of repository, and there is one kind. */
const project = endpoint('/api/latest/projects/{projectKey}/settings/pull-requests/{scmId}');

/** Merge strategies, and what a merge needs. */
export const pullRequestSettings = objectReader({
  kind: 'pull-request-settings',
  needs: 'read',
  at: { repo, project: { template: project.template, at: (names) => project.at({ ...names, scmId: 'git' }) } },
});
