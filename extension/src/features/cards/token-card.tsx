import { useState } from 'preact/hooks';
import type { ListedToken } from '../../bitbucket/listed-token.ts';
import { Button, Problem, go } from '../../in-page/parts.tsx';
import { factsOf, isoDay, tokenState } from '../token-state.ts';
import type { TokensSession } from '../tokens-session.ts';
import { CreateCard } from './create-card.tsx';
import { PlansCard } from './plans-card.tsx';

interface TokenCardProps {
  readonly session: TokensSession;
  /** Several where two tokens of one name cannot be told apart in the page. */
  readonly tokens: readonly ListedToken[];
  readonly now: number;
  readonly close: () => void;
}

/** Everything a token's button can lead to. */
export function TokenCard({ session, tokens, now, close }: TokenCardProps) {
  const [chosen, setChosen] = useState(tokens.length === 1 ? tokens[0] : undefined);
  const [creating, setCreating] = useState(false);
  const stored = chosen === undefined ? null : session.storedAs(chosen);
  const propose = stored?.plans.filter(({ enabled }) => enabled).map(({ id }) => id) ?? [];
  if (creating) return <CreateCard session={session} today={isoDay(now)} propose={propose} close={close} />;
  if (chosen === undefined) return <Chooser tokens={tokens} now={now} choose={setChosen} close={close} />;
  const state = tokenState(chosen, stored, now);
  if (state.kind === 'in') {
    const { id, plans } = state.stored;
    const save = (planIds: readonly string[]) => session.enable(id, planIds);
    return (
      <PlansCard
        name={state.stored.name}
        sees={null}
        attached={session.state?.projects.length !== 0}
        plans={plans}
        propose={[]}
        save={save}
        close={close}
      />
    );
  }
  const renew = state.kind === 'renew';
  return (
    <>
      <h3>{renew ? `“${chosen.name}” has expired` : `Add “${chosen.name}” to GitProtect`}</h3>
      <p>
        {renew
          ? 'Bitbucket cannot prolong a token. Create a new one for backups; it takes the old one’s place in your plans.'
          : 'Bitbucket shows a token’s secret only once, right after it is created, so it cannot be read from this page now.'}
      </p>
      {session.problem !== null && <Problem error={session.problem} />}
      <div class="line actions">
        <Button look="quiet" act={close}>
          Not now
        </Button>
        <Button
          act={() => {
            go({ to: 'paste', token: chosen.id, name: chosen.name.slice(0, 100) });
            close();
          }}
        >
          {renew ? 'Paste a new token' : 'Paste the token'}
        </Button>
        <Button look="primary" act={() => setCreating(true)}>
          Create a backup token
        </Button>
      </div>
    </>
  );
}

interface ChooserProps {
  readonly tokens: readonly ListedToken[];
  readonly now: number;
  readonly choose: (token: ListedToken) => void;
  readonly close: () => void;
}

function Chooser({ tokens, now, choose, close }: ChooserProps) {
  return (
    <>
      <h3>Which “{tokens[0]?.name}” is it?</h3>
      <p>Several of your tokens have this name, and the page does not say which one stands here.</p>
      {tokens.map((token) => (
        <div class="line" key={token.id}>
          <span class="text">{factsOf(token, now)}</span>
          <Button act={() => choose(token)}>This one</Button>
        </div>
      ))}
      <div class="line actions">
        <Button look="quiet" act={close}>
          Not now
        </Button>
      </div>
    </>
  );
}
