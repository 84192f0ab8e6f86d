import { isOrphaned, local } from '../agent/client.ts';
import { findCurrentUser } from '../bitbucket/current-user.ts';
import { Bitbucket } from '../bitbucket/rest.ts';
import { watchTokenChanges } from '../bitbucket/token-changes.ts';
import { findTokenRows } from '../bitbucket/token-rows.ts';
import { mayBeTokensPage, readTokensPage } from '../bitbucket/tokens-page.ts';
import { CardLayer } from '../in-page/card-layer.tsx';
import { watchPage } from '../in-page/page-watch.ts';
import { features } from './features.ts';
import type { Page } from './page.ts';
import { TokensSession } from './tokens-session.ts';

const now = () => Math.round(performance.timeOrigin + performance.now());

/**
 * Works on the page at the current address until `signal` aborts, if it is a token page of the person logged in, on a site
 * that is enabled. Anywhere else it asks nobody anything and changes nothing.
 */
export async function startOnPage(signal: AbortSignal): Promise<void> {
  if (!mayBeTokensPage(location.href) || isOrphaned()) return;
  const site = await local('page.site', {}).catch(() => null);
  if (site === null || signal.aborted) return;
  const asked = readTokensPage(site.url, location.href);
  if (asked === null) return;
  const bitbucket = new Bitbucket(site.url, signal);
  const user = await findCurrentUser(bitbucket, document, asked.slug);
  if (user === null || signal.aborted) return;

  let started: readonly { pass: () => void; stop: () => void }[] = [];
  const pass = () => {
    page.look();
    for (const feature of started) feature.pass();
    page.cards.update();
  };
  const session = new TokensSession({ bitbucket, ...user, changed: () => (signal.aborted ? undefined : pass()) });
  const page = new OpenPage({ session, cards: new CardLayer(signal), signal, lists: asked.lists });
  page.look();
  started = features.map((start) => start(page));
  signal.addEventListener('abort', () => started.forEach((feature) => feature.stop()), { once: true });
  watchPage(pass, signal);
  watchTokenChanges(() => void session.refreshTokens(), signal);
  // Coming back from the popup or the management page: something may be different there.
  addEventListener('focus', () => void session.refresh(), { signal });
  await session.refresh();
}

class OpenPage implements Page {
  readonly session: TokensSession;
  readonly cards: CardLayer;
  readonly signal: AbortSignal;
  readonly lists: boolean;
  readonly now = now;
  rowsRefused = false;
  #rows: ReturnType<Page['rows']> = [];

  constructor({ session, cards, signal, lists }: Pick<Page, 'session' | 'cards' | 'signal' | 'lists'>) {
    this.session = session;
    this.cards = cards;
    this.signal = signal;
    this.lists = lists;
  }

  rows(): ReturnType<Page['rows']> {
    return this.#rows;
  }

  /** Finds the rows anew, once for all features. */
  look(): void {
    this.#rows = this.lists ? findTokenRows(document.body, this.session.tokens, now()) : [];
  }
}
