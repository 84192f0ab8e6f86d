import { findShownSecrets } from '../bitbucket/fresh-secret.ts';
import type { ShownSecret } from '../bitbucket/fresh-secret.ts';
import type { ListedToken } from '../bitbucket/listed-token.ts';
import type { TokensSession } from './tokens-session.ts';
import { OfferCard } from './cards/offer-card.tsx';
import type { StartFeature } from './page.ts';

/**
 * Which of the person's tokens a shown secret belongs to. Its id must be in their list; a newer form that hides the id is
 * taken for the token that was not there before.
 * @returns `null` for a secret that is not theirs
 */
export function ownerOf(
  shown: ShownSecret,
  tokens: readonly ListedToken[],
  before: readonly ListedToken[],
): { token: ListedToken | null } | null {
  if (shown.tokenId !== null) {
    const token = tokens.find(({ id }) => id === shown.tokenId);
    return token === undefined ? null : { token };
  }
  const fresh = tokens.filter(({ id }) => before.every((one) => one.id !== id));
  return { token: fresh.length === 1 ? (fresh[0] ?? null) : null };
}

/** Offers a secret that the page shows after creation, at once: it is shown this one time only. */
export const offerNewToken: StartFeature = ({ session, cards, signal }) => {
  /** By a hash-free mark of each: enough to not ask twice, without keeping the secret itself. */
  const seen = new Set<string>();
  const before = session.tokens;

  const offer = async (shown: ShownSecret) => {
    await session.refreshTokens();
    const owner = ownerOf(shown, session.tokens, before);
    if (owner === null || signal.aborted || isStored(session, owner.token)) return;
    const carried = { secret: shown.secret, token: owner.token };
    cards.show('GitProtect: new token', () => <OfferCard session={session} carried={carried} close={() => cards.close()} />, {
      anchor: shown.element,
      focus: false,
    });
  };
  return {
    pass() {
      for (const shown of findShownSecrets(document.body)) {
        const mark = shown.tokenId ?? shown.secret.slice(-8);
        if (seen.has(mark)) continue;
        seen.add(mark);
        void offer(shown);
      }
    },
    stop: () => seen.clear(),
  };
};

function isStored(session: TokensSession, token: ListedToken | null): boolean {
  return token !== null && session.storedAs(token) !== null;
}
