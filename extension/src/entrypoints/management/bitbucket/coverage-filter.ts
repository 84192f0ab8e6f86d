import type { CoverageTable } from '@gitprotect/shared/repo';

export type CoveredRepo = CoverageTable['repos'][number];

/** How well a repo is covered: by an account that some plan uses, by none that one uses, or by nobody at all. */
export type Cover = 'covered' | 'not-used' | 'nobody';

export function coverOf({ seenBy }: CoveredRepo, accounts: CoverageTable['accounts']): Cover {
  if (seenBy.length === 0) return 'nobody';
  return accounts.some(({ credentialId, inUse }) => inUse && seenBy.includes(credentialId)) ? 'covered' : 'not-used';
}

/** The repos to show, those with a problem first. `text` is part of a name. */
export function shownRepos(table: CoverageTable, { problems, text }: { readonly problems: boolean; readonly text: string }): CoveredRepo[] {
  const wanted = text.trim().toLowerCase();
  const bad = (repo: CoveredRepo) => coverOf(repo, table.accounts) !== 'covered';
  return table.repos
    .filter((repo) => repo.slug.includes(wanted) && (!problems || bad(repo)))
    .toSorted((one, other) => Number(bad(other)) - Number(bad(one)));
}
