import type { ListedToken } from '../bitbucket/listed-token.ts';
import { Mark } from '../in-page/parts.tsx';
import { trusted } from '../in-page/trusted.ts';
import { TokenCard } from './cards/token-card.tsx';
import type { Page } from './page.ts';
import { type TokenState, tokenState } from './token-state.ts';

interface TokenButtonProps {
  readonly page: Page;
  readonly tokens: readonly ListedToken[];
  readonly anchor: Element;
}

const planWords = (plans: number) => (plans === 0 ? 'no plan yet' : `${plans} ${plans === 1 ? 'plan' : 'plans'}`);

function Words({ state }: { readonly state: TokenState }) {
  switch (state.kind) {
    case 'add':
      return <>Add to GitProtect</>;
    case 'expired':
      return (
        <>
          <span class="lozenge bad">expired</span> Renew for GitProtect
        </>
      );
    case 'in':
      return (
        <>
          In GitProtect{' '}
          <span class={`lozenge ${state.plans === 0 || state.ends ? 'warn' : 'ok'}`}>
            {state.ends ? 'expires soon' : planWords(state.plans)}
          </span>
        </>
      );
  }
}

/** A token's state in a few words, and the way to its card. */
export function TokenButton({ page, tokens, anchor }: TokenButtonProps) {
  const { session, cards } = page;
  const states = tokens.map((token) => tokenState(token, session.storedAs(token), page.now()));
  const [state] = states;
  if (state === undefined) return null;
  const name = tokens[0]?.name ?? '';
  const unlike = states.some(({ kind }) => kind !== state.kind);
  const inside = states.filter(({ kind }) => kind === 'in').length;
  const other = session.sameUser();
  const hint = state.kind === 'add' && other !== null ? `Same user as “${other.name}”: adds no throughput` : undefined;
  const open = () => {
    const card = () => <TokenCard session={session} tokens={tokens} now={page.now()} close={() => cards.close()} />;
    cards.show(`GitProtect: ${name}`, card, { anchor, focus: true });
  };
  return (
    <button type="button" class="row-button" aria-haspopup="dialog" title={hint} onClick={trusted(open)}>
      <Mark />
      <span>
        {unlike ? `${inside} of ${states.length} in GitProtect` : <Words state={state} />}
        {/* To who hears one button after another, all would be the same. */}
        <span class="unseen">({name})</span>
      </span>
    </button>
  );
}
