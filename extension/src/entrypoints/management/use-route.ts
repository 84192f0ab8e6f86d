import { useEffect, useRef, useState } from 'preact/hooks';
import { type Route, hashOf, routeOf } from '../../routes.ts';

const read = () => routeOf(location.hash);

/** Asked before a person comes to another place; `false` keeps them where they are. */
type Guard = (to: Route) => boolean;
let guard: Guard | null = null;

/** Has `asked` decide about every way to another place until the answer is called. */
export function guardRoute(asked: Guard): () => void {
  guard = asked;
  return () => {
    if (guard === asked) guard = null;
  };
}

/** How far along the tab's history this entry stands; `null` for one just made. */
function placeNow(): number | null {
  const state: unknown = history.state;
  return typeof state === 'number' ? state : null;
}

/** Where in the management page a person is. */
export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  const here = useRef({ route, place: placeNow() ?? 0 });
  useEffect(() => {
    history.replaceState(here.current.place, '');
    const follow = () => {
      const to = read();
      const place = placeNow() ?? here.current.place + 1;
      if (hashOf(to) === hashOf(here.current.route)) return;
      if (guard !== null && !guard(to)) {
        // Back to the entry they were on, whichever way they left it.
        history.go(here.current.place - place);
        return;
      }
      history.replaceState(place, '');
      here.current = { route: to, place };
      setRoute(to);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

/** Goes to another place; Back leads here again. */
export function go(route: Route): void {
  location.hash = hashOf(route);
}
