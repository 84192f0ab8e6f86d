import type { TokenRow } from '../bitbucket/token-rows.ts';
import type { CardLayer } from '../in-page/card-layer.tsx';
import type { TokensSession } from './tokens-session.ts';

/** What a feature gets: one page of tokens, as long as the person stays on it. */
export interface Page {
  readonly session: TokensSession;
  readonly cards: CardLayer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborts when the person leaves the page, and when the extension is replaced. */
  readonly signal: AbortSignal;
  /** Whether the page shows the list, and not the form for a new token. */
  readonly lists: boolean;
  /** Rows of known tokens as the page is now. */
  readonly rows: () => readonly TokenRow[];
  /** A page that removes what we put in its rows gets the panel instead. */
  rowsRefused: boolean;
}

/** One thing we add to the page. Taken out of the list in `features.ts`, it is gone. */
interface Feature {
  /** Brings what it shows in line with the page. Called often; does nothing when all is as it should be. */
  readonly pass: () => void;
  /** Takes everything out again. */
  readonly stop: () => void;
}
export type StartFeature = (page: Page) => Feature;
