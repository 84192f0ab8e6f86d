import type { Route } from '../../routes.ts';

const titles: Record<Route['page'], string> = {
  overview: 'Overview',
  bitbucket: 'Bitbucket',
  plans: 'Plans',
  runs: 'Runs',
  snapshots: 'Snapshots',
  settings: 'Settings',
  paste: 'Add a token',
  pair: 'Pair this browser',
};

/** What the tab is called. */
export function titleOf({ page }: Route): string {
  return `${titles[page]} · GitProtect`;
}
