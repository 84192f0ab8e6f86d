import type { Repo } from './model.ts';
import { git, resolveRef } from './repository.ts';

/** Brings `refs/pull-requests/{id}/from` and the recorded tips of open pull requests up to date, as Bitbucket does after a push. */
export async function refreshPullRequests(repo: Repo): Promise<void> {
  for (const pull of repo.pullRequests.filter(({ state }) => state === 'OPEN')) {
    const [from, to] = await Promise.all([resolveRef(pull.from.repo.folder, pull.from.ref), resolveRef(repo.folder, pull.to.ref)]);
    if (from !== undefined && from !== pull.from.commit) {
      pull.from.commit = from;
      pull.version += 1;
      await publishFrom(repo, pull.id, from);
    }
    if (to !== undefined) pull.to.commit = to;
  }
}

/** Writes the ref a client can fetch a pull request's tip by. */
export async function publishFrom(repo: Repo, id: number, commit: string): Promise<void> {
  await git(repo.folder, ['update-ref', `refs/pull-requests/${id}/from`, commit]);
}
