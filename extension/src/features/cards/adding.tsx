import { type AppError, asAppError } from '@gitprotect/shared/errors';
import type { Renewed } from '@gitprotect/shared/protocol';
import type { ComponentChildren } from 'preact';
import type { ListedToken } from '../../bitbucket/listed-token.ts';
import { Button, Problem } from '../../in-page/parts.tsx';
import { Stateful } from '../../in-page/stateful.tsx';
import type { TokensSession } from '../tokens-session.ts';
import { PlansCard, seesOf } from './plans-card.tsx';
import { Revoke } from './revoke.tsx';

/** A secret on its way, held by nobody else; emptied as soon as the agent has it. */
export interface Carried {
  secret: string | null;
  readonly token: ListedToken | null;
}

/** A credential that gets a new token. */
export interface Renewing {
  readonly id: string;
  /** The one it has. */
  readonly token: ListedToken;
}

interface AddingProps {
  readonly session: TokensSession;
  readonly carried: Carried;
  /** The credential whose place it takes, and its token. */
  readonly renews: Renewing | null;
  /** Said when the agent does not take it: a token that was just made stays in Bitbucket. */
  readonly leftover: ComponentChildren;
  readonly close: () => void;
}

interface AddingState {
  readonly added: Renewed | null;
  readonly error: AppError | null;
}

/** Hands the secret to the agent, then asks which plans shall use it. */
export function Adding({ session, carried, renews, leftover, close }: AddingProps) {
  const add = async (set: (next: Partial<AddingState>) => void) => {
    if (carried.secret === null) return;
    set({ error: null });
    try {
      const added = await session.add(carried.secret, carried.token, renews?.id);
      carried.secret = null;
      set({ added });
    } catch (error) {
      set({ error: asAppError(error) });
    }
  };
  const start: AddingState = { added: null, error: null };
  return (
    <Stateful
      start={start}
      begin={(set) => void add(set)}
      view={({ added, error }, set) => {
        if (added !== null) {
          const { credential, plans } = added;
          return (
            <PlansCard
              name={credential.name}
              sees={seesOf(added)}
              attached={credential.attachments.length > 0}
              plans={plans}
              save={(planIds) => session.enable(credential.id, planIds)}
              close={close}
            >
              {renews && <Revoke session={session} token={renews.token} />}
            </PlansCard>
          );
        }
        if (error === null) return <p role="status">Checking what the token may read, and storing it…</p>;
        return (
          <>
            <Problem error={error} />
            {leftover}
            <div class="line actions">
              <Button look="quiet" act={close}>
                Close
              </Button>
              <Button look="primary" act={() => void add(set)}>
                Try again
              </Button>
            </div>
          </>
        );
      }}
    />
  );
}
