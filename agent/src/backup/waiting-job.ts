import type { Job } from '@gitprotect/shared/run';
import type { RepoToSave } from './repo-access.ts';

/** A repo's job before its turn. */
export function waiting({ server, repo }: Pick<RepoToSave, 'server' | 'repo'>): Job {
  return {
    repoId: repo.id,
    serverId: server.id,
    projectKey: repo.projectKey,
    slug: repo.slug,
    phase: 'waiting',
    outcome: null,
    received: 0,
    requests: 0,
    credentialIds: [],
    startedAt: null,
    endedAt: null,
  };
}
