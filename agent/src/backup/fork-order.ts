import type { RepoToSave } from './repo-access.ts';

/** A repo of a run, as far as its line of forks matters. */
type Forked = Pick<RepoToSave, 'server' | 'repo'>;

/**
 * Fork -> the repo where its line of forks begins, as far as the run goes: a fork of a fork leans on the same repo as that one. A repo whose origin is not
 * among them stands alone.
 */
export function originsOf<T extends Forked>(repos: readonly T[]): ReadonlyMap<T, T> {
  const key = ({ server }: Forked, repoId: number): string => `${server.id} ${repoId}`;
  const byId = new Map(repos.map((one) => [key(one, one.repo.id), one]));
  const above = (one: T): T | undefined => (one.repo.forkOf === null ? undefined : byId.get(key(one, one.repo.forkOf)));
  const origins = new Map<T, T>();
  for (const one of repos) {
    const seen = new Set<T>([one]);
    let last = one;
    for (let next = above(one); next !== undefined && !seen.has(next); next = above(next)) {
      seen.add(next);
      last = next;
    }
    // A server that answers with a circle answers nonsense: nobody there comes from anybody.
    if (last !== one && above(last) === undefined) origins.set(one, last);
  }
  return origins;
}
