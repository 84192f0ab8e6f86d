import { useEffect, useState } from 'preact/hooks';
import { type Route, hashOf, routeOf } from '../../routes.ts';

const read = () => routeOf(location.hash);

/** Where in the management page a person is. */
export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const follow = () => setRoute(read());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

/** Goes to another place; Back leads here again. */
export function go(route: Route): void {
  location.hash = hashOf(route);
}
