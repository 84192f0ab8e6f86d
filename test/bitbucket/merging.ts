import type { PullRequest, Repo } from './model.ts';
import { close, contains, type Doing, note } from './pull-requests.ts';
import { git, headOf, resolveRef } from './repository.ts';

export type Strategy = 'no-ff' | 'ff' | 'ff-only' | 'squash';
export const strategies: readonly Strategy[] = ['no-ff', 'ff', 'ff-only', 'squash'];

/** Whether git could merge it now. */
export async function conflicts(repo: Repo, { from, to }: PullRequest): Promise<boolean> {
  return (await mergedTree(repo, to.ref, from.commit)) === undefined;
}

/** Merges for real: the target branch moves. Returns false when the branches conflict or the strategy does not allow it. */
export async function merge(
  repo: Repo,
  pull: PullRequest,
  doing: Doing,
  { strategy = 'no-ff', message }: { strategy?: Strategy; message?: string | undefined } = {},
): Promise<boolean> {
  const { from, to } = pull;
  const target = (await resolveRef(repo.folder, to.ref)) ?? to.commit;
  const commit = await mergeCommit(repo, { strategy, target, source: from.commit, message: message ?? defaultMessage(pull), doing });
  if (commit === undefined) return false;
  await git(repo.folder, ['update-ref', to.ref, commit, target]);
  pull.version += 1;
  pull.mergeCommit = commit;
  close(pull, 'MERGED', doing.at);
  note(repo, pull, doing, { action: 'MERGED', commit });
  return true;
}

interface Merging {
  readonly strategy: Strategy;
  readonly target: string;
  readonly source: string;
  readonly message: string;
  readonly doing: Doing;
}

async function mergeCommit(repo: Repo, { strategy, target, source, message, doing }: Merging): Promise<string | undefined> {
  const forward = await contains(repo, source, target);
  if (strategy === 'ff-only' || (strategy === 'ff' && forward)) return forward ? source : undefined;
  const tree = await mergedTree(repo, target, source);
  if (tree === undefined) return undefined;
  const parents = strategy === 'squash' ? [target] : [target, source];
  const who = ['-c', `user.name=${doing.user.displayName}`, '-c', `user.email=${doing.user.emailAddress || 'nobody@example.com'}`];
  const args = [...who, 'commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-m', message, tree];
  return (await git(repo.folder, args, dates(doing.at))).trim();
}

function dates(at: number): Record<string, string> {
  const date = `${Math.floor(at / 1000)} +0000`;
  return { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
}

const defaultMessage = ({ id, title, from, to }: PullRequest): string =>
  `Pull request #${id}: ${title}\n\nMerge in ${from.ref.replace('refs/heads/', '')} to ${to.ref.replace('refs/heads/', '')}`;

async function mergedTree(repo: Repo, ours: string, theirs: string): Promise<string | undefined> {
  return git(repo.folder, ['merge-tree', '--write-tree', ours, theirs]).then(
    (output) => output.trim(),
    () => undefined,
  );
}

/** A bare copy of what `origin` has: branches, tags, and where HEAD points. */
export async function copyRefs(origin: Repo, fork: Repo, defaultBranch: string | undefined): Promise<void> {
  await git(fork.folder, ['fetch', '--quiet', origin.folder, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']);
  const head = defaultBranch === undefined ? await headOf(origin.folder) : `refs/heads/${defaultBranch}`;
  await git(fork.folder, ['symbolic-ref', 'HEAD', head]);
}
