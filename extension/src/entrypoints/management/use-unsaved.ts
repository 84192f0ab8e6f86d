import { useEffect, useRef, useState } from 'preact/hooks';
import type { Route } from '../../routes.ts';
import { guardRoute } from './use-route.ts';

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
    const letGo = guardRoute((to) => {
      if (!released.current) setLeavingTo(to);
      return released.current;
    });
    const ask = (event: Event) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => {
      letGo();
      removeEventListener('beforeunload', ask);
    };
  }, [dirty]);
  return { leavingTo, stay: () => setLeavingTo(null), release: () => (released.current = true) };
}
