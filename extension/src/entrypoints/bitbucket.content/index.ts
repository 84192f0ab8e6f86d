import { defineContentScript } from 'wxt/utils/define-content-script';
import { startOnPage } from '../../features/start.ts';

/** Registered at run time, for sites a person enabled: see `sites.ts`. */
export default defineContentScript({
  registration: 'runtime',
  main(ctx) {
    let visit = new AbortController();
    const start = () => {
      visit.abort();
      visit = new AbortController();
      void startOnPage(AbortSignal.any([visit.signal, ctx.signal]));
    };
    let path = location.pathname;
    ctx.addEventListener(window, 'wxt:locationchange', () => {
      if (location.pathname === path) return;
      path = location.pathname;
      start();
    });
    start();
  },
});
