import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Store } from './store.ts';

export const StoreContext = createContext<Store | null>(null);

/** The page's store. */
export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('drawn outside of a StoreContext');
  return store;
}
