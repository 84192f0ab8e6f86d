import type { Activity, PullRequest, PullRequestState, Repo, User } from './model.ts';
import { git, listRefs, resolveRef } from './repository.ts';

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

/** Who did something to a pull request, and when (milliseconds since 1970). */
export interface Doing {
  readonly user: User;
  readonly at: number;
}

type Kept<T> = T extends unknown ? Omit<T, 'id' | 'user' | 'createdDate'> : never;

/** Writes down what happened: the newest stands first, and the pull request counts as updated. */
export function note(repo: Repo, pull: PullRequest, { user, at }: Doing, what: Kept<Activity>): void {
  pull.activities.unshift({ id: repo.nextId(), createdDate: at, user, ...what });
  pull.updatedDate = at;
}

/** The pull request of this number, if there is one. */
export function findPullRequest(repo: Repo, id: number): PullRequest | undefined {
  const there = repo.pullRequests[id - 1];
  return there?.id === id ? there : repo.pullRequests.find((pull) => pull.id === id);
}

/** Adds a pull request between existing branches, with its `refs/pull-requests/{id}/from`. */
export async function addPullRequest(repo: Repo, request: NewPullRequest): Promise<PullRequest> {
  const fromRepo = request.fromRepo ?? repo;
  const [fromRef, toRef] = [`refs/heads/${request.from}`, `refs/heads/${request.to}`];
  const [from, to] = await Promise.all([resolveRef(fromRepo.folder, fromRef), resolveRef(repo.folder, toRef)]);
  if (from === undefined || to === undefined) throw new TypeError(`no branch ${from === undefined ? request.from : request.to}`);
  const { title, author, description, reviewers = [], state = 'OPEN', createdDate = Date.now() } = request;
  const pull = newPullRequest({
    // Numbers are never given twice, not even a deleted one's.
    id: repo.lastPullRequest.id + 1,
    title,
    description,
    state,
    createdDate,
    from: { repo: fromRepo, ref: fromRef, commit: from },
    to: { ref: toRef, commit: to },
    author,
    reviewers,
  });
  repo.lastPullRequest.id = pull.id;
  repo.pullRequests.push(pull);
  note(repo, pull, { user: author, at: createdDate }, { action: 'OPENED' });
  if (state === 'DECLINED') note(repo, pull, { user: author, at: createdDate }, { action: 'DECLINED' });
  if (state === 'MERGED') note(repo, pull, { user: author, at: createdDate }, { action: 'MERGED', commit: from });
  await publishFrom(repo, pull);
  return pull;
}

type Told = Pick<PullRequest, 'id' | 'title' | 'description' | 'state' | 'createdDate' | 'from' | 'to' | 'author'>;

export function newPullRequest(
  told: Told & { readonly reviewers: readonly User[]; readonly generated?: PullRequest['generated'] },
): PullRequest {
  const { state, createdDate, from } = told;
  return {
    ...told,
    version: 0,
    updatedDate: createdDate,
    closedDate: state === 'OPEN' ? undefined : createdDate,
    reviewers: told.reviewers.map((user) => ({ user, status: 'UNAPPROVED', lastReviewedCommit: undefined })),
    participants: [],
    mergeCommit: state === 'MERGED' ? from.commit : undefined,
    comments: [],
    activities: [],
    generated: told.generated,
  };
}

/**
 * What Bitbucket does after a push: the tips of open pull requests from or to `pushed` are taken over, `refs/pull-requests/{id}/from` follows,
 * and one whose commits have all arrived in its target is merged.
 */
export async function refreshPullRequests(repos: readonly Repo[], pushed: Repo, doing: Doing): Promise<void> {
  for (const repo of repos) {
    const open = repo.pullRequests.filter((pull) => pull.state === 'OPEN' && (repo === pushed || pull.from.repo === pushed));
    if (open.length === 0) continue;
    const targets = await tips(repo);
    for (const pull of open) {
      const sources = pull.from.repo === repo ? targets : await tips(pull.from.repo);
      await rescope(repo, pull, { from: sources.get(pull.from.ref), to: targets.get(pull.to.ref) }, doing);
    }
  }
}

const tips = async ({ folder }: Repo): Promise<Map<string, string>> =>
  new Map((await listRefs(folder, 'refs/heads/')).map(({ name, oid }) => [name, oid]));

async function rescope(
  repo: Repo,
  pull: PullRequest,
  { from = pull.from.commit, to = pull.to.commit }: { from: string | undefined; to: string | undefined },
  doing: Doing,
): Promise<void> {
  const before = { from: pull.from.commit, to: pull.to.commit };
  if (from === before.from && to === before.to) return;
  [pull.from.commit, pull.to.commit] = [from, to];
  if (from !== before.from) {
    await publishFrom(repo, pull);
    const [added, removed] = await Promise.all([between(repo, before.from, from), between(repo, from, before.from)]);
    note(repo, pull, doing, { action: 'RESCOPED', before, after: { from, to }, added, removed });
  }
  if (to !== before.to && (await contains(repo, to, from))) {
    pull.version += 1;
    close(pull, 'MERGED', doing.at);
    pull.mergeCommit = to;
    note(repo, pull, doing, { action: 'MERGED', commit: to });
  }
}

/** Open no more. */
export function close(pull: PullRequest, state: 'MERGED' | 'DECLINED', at: number): void {
  pull.state = state;
  pull.closedDate = at;
}

/** Commits that `to` has and `from` lacks, the newest first. */
async function between(repo: Repo, from: string, to: string): Promise<string[]> {
  const output = await git(repo.folder, ['rev-list', '--max-count=100', to, `^${from}`]).catch(() => '');
  return output.split('\n').filter((line) => line !== '');
}

/** Whether everything of `commit` is in `tip`. */
export async function contains(repo: Repo, tip: string, commit: string): Promise<boolean> {
  return git(repo.folder, ['merge-base', '--is-ancestor', commit, tip]).then(
    () => true,
    () => false,
  );
}

/** Writes the ref a client can fetch the tip by; a fork's objects are brought over first. */
async function publishFrom(repo: Repo, { id, from }: PullRequest): Promise<void> {
  const ref = `refs/pull-requests/${id}/from`;
  if (from.repo === repo) await git(repo.folder, ['update-ref', ref, from.commit]);
  else await git(repo.folder, ['fetch', '--quiet', from.repo.folder, `+${from.ref}:${ref}`]);
}
