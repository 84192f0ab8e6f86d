import type { AppError } from '@gitprotect/shared/errors';
import type { ListedToken } from '../../bitbucket/listed-token.ts';
import { Button, Problem, go } from '../../in-page/parts.tsx';
import { Stateful } from '../../in-page/stateful.tsx';
import { factsOf, isoDay, tokenState } from '../token-state.ts';
import type { TokensSession } from '../tokens-session.ts';
import type { Renewing } from './adding.tsx';
import { CreateCard } from './create-card.tsx';
import { PlansCard } from './plans-card.tsx';

interface TokenCardProps {
  readonly session: TokensSession;
  /** Several where two tokens of one name cannot be told apart in the page. */
  readonly tokens: readonly ListedToken[];
  readonly now: number;
  readonly close: () => void;
}

interface TokenCardState {
  readonly chosen: ListedToken | null;
  /** Whether a new one is being made, and in whose place: as it was when the person asked, for afterwards that one is gone. */
  readonly creating: { readonly renews: Renewing | null } | null;
}

/** Everything a token's button can lead to. */
export function TokenCard({ session, tokens, now, close }: TokenCardProps) {
  const [first, ...others] = tokens;
  const start: TokenCardState = { chosen: others.length === 0 ? (first ?? null) : null, creating: null };
  const view = ({ chosen, creating }: TokenCardState, set: (next: Partial<TokenCardState>) => void) => {
    if (chosen === null) return <Chooser tokens={tokens} now={now} choose={(token) => set({ chosen: token })} close={close} />;
    const stored = session.storedAs(chosen);
    const expired = tokenState(chosen, stored, now).kind === 'expired';
    if (creating !== null) return <CreateCard session={session} today={isoDay(now)} {...creating} close={close} />;
    const create = () => set({ creating: { renews: stored && { id: stored.id, token: chosen } } });
    if (stored !== null && !expired) {
      const { id, name, plans } = stored;
      const attached = session.state?.projects.length !== 0;
      const save = (planIds: readonly string[]) => session.enable(id, planIds);
      return <PlansCard name={name} sees={null} attached={attached} plans={plans} save={save} renew={create} close={close} />;
    }
    return <Ways token={chosen} expired={expired} problem={session.problem} create={create} close={close} />;
  };
  return <Stateful start={start} view={view} />;
}

interface WaysProps {
  readonly token: ListedToken;
  readonly expired: boolean;
  readonly problem: AppError | null;
  readonly create: () => void;
  readonly close: () => void;
}

/** The two ways to a secret that this page cannot show again. */
function Ways({ token, expired, problem, create, close }: WaysProps) {
  const paste = () => {
    go({ to: 'paste', token: token.id, name: token.name.slice(0, 100) });
    close();
  };
  return (
    <>
      <h3>{expired ? `“${token.name}” has expired` : `Add “${token.name}” to GitProtect`}</h3>
      <p>
        {expired
          ? 'Bitbucket cannot prolong a token. Create a new one for backups.'
          : 'Bitbucket shows a token’s secret only once, when it is created.'}
      </p>
      {problem !== null && <Problem error={problem} />}
      <div class="line actions">
        <Button look="quiet" act={close}>
          Not now
        </Button>
        <Button act={paste}>{expired ? 'Paste a new token' : 'Paste the token'}</Button>
        <Button look="primary" act={create}>
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
      <p>Several of your tokens have this name.</p>
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
