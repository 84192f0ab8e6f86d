import { isOrphaned } from '../agent/client.ts';
import type { ListedToken } from '../bitbucket/listed-token.ts';
import { placeIn } from '../bitbucket/row-place.ts';
import { Fights } from '../in-page/fights.ts';
import { type Host, createHost } from '../in-page/host.tsx';
import type { Page, StartFeature } from './page.ts';
import { TokenButton } from './token-button.tsx';

/** A row that goes this soon after it got a button goes because of the button. In milliseconds. */
const atOnce = 300;

/** *Add to GitProtect* in each row of the page's own list. */
export const rowButtons: StartFeature = (page) => {
  const hosts = new Map<Element, Host>();
  const fights = new Fights();
  let inserted = -Infinity;
  let moved = -Infinity;
  const atPointer = ({ movementX, movementY }: PointerEvent) => {
    if (movementX !== 0 || movementY !== 0) moved = page.now();
  };
  addEventListener('pointermove', atPointer, { capture: true, passive: true, signal: page.signal });

  const takeOut = (row: Element) => {
    hosts.get(row)?.remove();
    hosts.delete(row);
  };
  const stop = () => {
    for (const row of hosts.keys()) takeOut(row);
  };
  const pass = () => {
    if (isOrphaned()) stop();
    if (page.rowsRefused || isOrphaned()) return;
    const rows = new Map(page.rows().map(({ element, tokens }) => [element, tokens]));
    // A button moves the rows, another one comes under the resting pointer, the page renders them all again: for ever, if we let it.
    let removed = page.now() - inserted < atOnce && moved < inserted && [...hosts.keys()].some((row) => !row.isConnected);
    for (const row of hosts.keys()) if (!rows.has(row)) takeOut(row);
    for (const [row, tokens] of rows) {
      const host = hosts.get(row) ?? createHost('button');
      const place = placeIn(row);
      if (host.element.parentNode !== place.parent) {
        removed ||= hosts.has(row) && !host.element.isConnected;
        place.parent.insertBefore(host.element, place.before);
        inserted = page.now();
      }
      hosts.set(row, host);
      show(host, page, tokens);
    }
    if (removed && fights.lost(page.now())) {
      page.rowsRefused = true;
      stop();
    }
  };
  return { pass, stop };
};

function show(host: Host, page: Page, tokens: readonly ListedToken[]): void {
  host.show(<TokenButton page={page} tokens={tokens} anchor={host.element} />);
}
