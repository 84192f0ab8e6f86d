import type { Route } from '../../routes.ts';
import { Bitbucket } from './bitbucket/bitbucket.tsx';
import { Overview } from './overview/overview.tsx';
import { Pair } from './pair/pair.tsx';
import { Paste } from './paste/paste.tsx';
import { Plans } from './plans/plans.tsx';
import { Runs } from './runs/runs.tsx';
import { Settings } from './settings/settings.tsx';
import { Snapshots } from './snapshots/snapshots.tsx';

/** The page of a route. */
export function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'overview':
      return <Overview />;
    case 'bitbucket':
      return <Bitbucket id={route.id} />;
    case 'plans':
      return <Plans id={route.id} />;
    case 'runs':
      return <Runs id={route.id} />;
    case 'snapshots':
      return <Snapshots id={route.id} />;
    case 'settings':
      return <Settings />;
    case 'paste':
      return <Paste server={route.server} token={route.token} name={route.name} />;
    case 'pair':
      return <Pair />;
  }
}
