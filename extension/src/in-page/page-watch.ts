import { composedElements } from '../bitbucket/composed-tree.ts';

const quiet = 120;

/**
 * Calls `pass` soon after the page has changed: in the next frame, and no more often than some eight times a second. What
 * happens in open shadow roots counts; values of fields, which no observer reports, are looked at after clicks and focus.
 */
export function watchPage(pass: () => void, signal: AbortSignal): void {
  const watched = new WeakSet<Node>();
  let waiting = false;
  let last = 0;

  const look = () => {
    waiting = false;
    if (signal.aborted) return;
    last = performance.now();
    follow();
    pass();
  };
  const soon = () => {
    if (waiting || signal.aborted) return;
    waiting = true;
    const wait = Math.max(0, quiet - (performance.now() - last));
    setTimeout(() => requestAnimationFrame(look), wait);
  };
  const observer = new MutationObserver(soon);
  const observe = (root: Node) => {
    if (watched.has(root)) return;
    watched.add(root);
    observer.observe(root, { subtree: true, childList: true, characterData: true, attributeFilter: ['title', 'hidden', 'open', 'value'] });
  };
  const follow = () => {
    observe(document.documentElement);
    for (const { shadowRoot } of composedElements(document.documentElement)) if (shadowRoot !== null) observe(shadowRoot);
  };
  const later = () => {
    soon();
    setTimeout(soon, 500);
  };
  for (const type of ['click', 'focusin', 'change']) document.addEventListener(type, later, { capture: true, passive: true, signal });
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });
  look();
}
