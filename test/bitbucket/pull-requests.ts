import type { PullRequest, PullRequestState, Repo, User } from './model.ts';
import { git, resolveRef } from './repository.ts';

export interface NewPullRequest {
  /** Branch name, without `refs/heads/`. */
  readonly from: string;
  readonly to: string;
  readonly title: string;
  readonly author: User;
  readonly description?: string;
  readonly reviewers?: readonly User[];
  /** OPEN by default. */
  readonly state?: PullRequestState;
  /** The fork `from` lies in; the repository itself when absent. */
  readonly fromRepo?: Repo;
  /** Milliseconds since 1970. */
  readonly createdDate?: number;
}

/** Adds a pull request between existing branches, with its `refs/pull-requests/{id}/from`. */
export async function addPullRequest(repo: Repo, request: NewPullRequest): Promise<PullRequest> {
  const fromRepo = request.fromRepo ?? repo;
  const [fromRef, toRef] = [`refs/heads/${request.from}`, `refs/heads/${request.to}`];
  const [from, to] = await Promise.all([resolveRef(fromRepo.folder, fromRef), resolveRef(repo.folder, toRef)]);
  if (from === undefined || to === undefined) throw new TypeError(`no branch ${from === undefined ? request.from : request.to}`);
  const { title, author, description, reviewers = [], state = 'OPEN', createdDate = Date.now() } = request;
  const pull: PullRequest = {
    id: repo.pullRequests.length + 1,
    version: 0,
    title,
    description,
    state,
    createdDate,
    updatedDate: createdDate,
    closedDate: state === 'OPEN' ? undefined : createdDate,
    from: { repo: fromRepo, ref: fromRef, commit: from },
    to: { ref: toRef, commit: to },
    author,
    activities: [],
    reviewers: reviewers.map((user) => ({ user, status: 'UNAPPROVED' })),
  };
  repo.pullRequests.push(pull);
  await publishFrom(repo, pull);
  return pull;
}

/** Brings `refs/pull-requests/{id}/from` and the recorded tips of open pull requests up to date, as Bitbucket does after a push. */
export async function refreshPullRequests(repo: Repo): Promise<void> {
  for (const pull of repo.pullRequests.filter(({ state }) => state === 'OPEN')) {
    const [from, to] = await Promise.all([resolveRef(pull.from.repo.folder, pull.from.ref), resolveRef(repo.folder, pull.to.ref)]);
    if (from !== undefined && from !== pull.from.commit) {
      pull.from.commit = from;
      pull.version += 1;
      await publishFrom(repo, pull);
    }
    if (to !== undefined) pull.to.commit = to;
  }
}

/** Writes the ref a client can fetch the tip by; a fork's objects are brought over first. */
async function publishFrom(repo: Repo, { id, from }: PullRequest): Promise<void> {
  const ref = `refs/pull-requests/${id}/from`;
  if (from.repo === repo) await git(repo.folder, ['update-ref', ref, from.commit]);
  else await git(repo.folder, ['fetch', '--quiet', from.repo.folder, `+${from.ref}:${ref}`]);
}
