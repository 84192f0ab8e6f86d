const every = 1_000;

/** Calls `moved` when the path in the address has changed without a load, as single-page applications do. */
export function watchAddress(moved: () => void, signal: AbortSignal): void {
  let path = location.pathname;
  const look = () => {
    if (location.pathname === path || signal.aborted) return;
    path = location.pathname;
    moved();
  };
  // The Navigation API is younger than the manifest's oldest browsers.
  if ('navigation' in globalThis) {
    navigation.addEventListener('currententrychange', look, { signal });
    return;
  }
  const timer = setInterval(look, every);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
