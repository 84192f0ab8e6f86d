import type { AppError } from '@gitprotect/shared/errors';
import type { Added } from '@gitprotect/shared/protocol';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ListedToken } from '../../bitbucket/listed-token.ts';
import { Button, Problem, inWords } from '../../in-page/parts.tsx';
import type { TokensSession } from '../tokens-session.ts';
import { PlansCard, seesOf } from './plans-card.tsx';

/** A secret on its way, held by nobody else; emptied as soon as the agent has it. */
export interface Carried {
  secret: string | null;
  readonly token: ListedToken | null;
}

interface AddingProps {
  readonly session: TokensSession;
  readonly carried: Carried;
  readonly propose: readonly string[];
  /** Said when the agent does not take it: a token that was just made stays in Bitbucket. */
  readonly leftover: ComponentChildren;
  readonly close: () => void;
}

/** Hands the secret to the agent, then asks which plans shall use it. */
export function Adding({ session, carried, propose, leftover, close }: AddingProps) {
  const [added, setAdded] = useState<Added | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const add = async () => {
    if (carried.secret === null) return;
    setError(null);
    try {
      setAdded(await session.add(carried.secret, carried.token));
      carried.secret = null;
    } catch (reason) {
      setError(inWords(reason));
    }
  };
  useEffect(() => void add(), []);
  if (added !== null) {
    const { credential, plans } = added;
    const save = (planIds: readonly string[]) => session.enable(credential.id, planIds);
    const proposed = propose.filter((id) => plans.some((plan) => plan.id === id));
    const attached = credential.attachments.length > 0;
    return (
      <PlansCard
        name={credential.name}
        sees={seesOf(added)}
        attached={attached}
        plans={plans}
        propose={proposed}
        save={save}
        close={close}
      />
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
        <Button look="primary" act={() => void add()}>
          Try again
        </Button>
      </div>
    </>
  );
}
