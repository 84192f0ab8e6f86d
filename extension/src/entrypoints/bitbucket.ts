import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { startOnPage } from '../features/start.ts';
import { watchAddress } from '../in-page/address-watch.ts';

declare global {
  /** In our isolated world, out of the page's reach: ends the script that ran here before. */
  var gitprotectStop: AbortController | undefined;
}

/**
 * The content script, registered at run time for the sites a person enabled: see `sites.ts`. Unlisted, because WXT's own frame
 * for content scripts takes 3 kB, tells the page that we are there, and lets the page end the script.
 */
export default defineUnlistedScript(() => {
  globalThis.gitprotectStop?.abort();
  const stop = new AbortController();
  globalThis.gitprotectStop = stop;
  let visit = new AbortController();
  const start = () => {
    visit.abort();
    visit = new AbortController();
    void startOnPage(AbortSignal.any([visit.signal, stop.signal]));
  };
  watchAddress(start, stop.signal);
  start();
});
