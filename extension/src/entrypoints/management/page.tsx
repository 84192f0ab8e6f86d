import type { Route } from '../../routes.ts';
import { Pair } from './pair/pair.tsx';

/** The page of a route. */
export function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'pair':
      return <Pair />;
    default:
      return <h1>{route.page}</h1>;
  }
}
