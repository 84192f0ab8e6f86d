import { useEffect, useRef, useState } from 'preact/hooks';
import { type Route, routeOf } from '../../routes.ts';

/** What stands between a person and another page. */
export interface Unsaved {
  /** Where the person wanted to go; `null` while nobody tries to leave. */
  readonly leavingTo: Route | null;
  readonly stay: () => void;
  /** From now on nothing is asked. */
  readonly release: () => void;
}

/** While `dirty`, keeps the person here when they go to another page, by link, by Back or out of the window. */
export function useUnsaved(dirty: boolean): Unsaved {
  const [leavingTo, setLeavingTo] = useState<Route | null>(null);
  const released = useRef(false);
  useEffect(() => {
    if (!dirty) return;
    const askInPage = (event: HashChangeEvent) => {
      if (released.current) return;
      // Heard before the page follows the address, which becomes this page's again.
      event.stopImmediatePropagation();
      history.pushState(null, '', event.oldURL);
      setLeavingTo(routeOf(new URL(event.newURL).hash));
    };
    const askOutside = (event: Event) => event.preventDefault();
    addEventListener('hashchange', askInPage, { capture: true });
    addEventListener('beforeunload', askOutside);
    return () => {
      removeEventListener('hashchange', askInPage, { capture: true });
      removeEventListener('beforeunload', askOutside);
    };
  }, [dirty]);
  return { leavingTo, stay: () => setLeavingTo(null), release: () => (released.current = true) };
}
