import { call, enableSite, local, subscribe } from '../agent/client.ts';
import { Store } from './store/store.ts';

/** The store of a page of the extension, joined to the background. */
export function realStore(): Store {
  return new Store({ call, local, subscribe, enableSite, now: () => new Date().getTime() });
}
