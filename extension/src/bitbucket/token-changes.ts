const settled = 300;

/**
 * Calls `changed` soon after the page has edited or revoked a token: a request of its own to the address of one token, as
 * `…/rest/access-tokens/latest/users/alice/075905477751`. The list alone need not show it. Our own code asks for such an address to revoke alone.
 */
export function watchTokenChanges(changed: () => void, signal: AbortSignal): void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const observer = new PerformanceObserver((entries) => {
    if (!entries.getEntries().some(({ name }) => /\/access-tokens\/[^?#]*\/\d{12}([?#]|$)/.test(name))) return;
    clearTimeout(waiting);
    waiting = setTimeout(changed, settled);
  });
  observer.observe({ type: 'resource' });
  signal.addEventListener('abort', () => {
    observer.disconnect();
    clearTimeout(waiting);
  });
}
