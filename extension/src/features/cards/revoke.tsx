import { type AppError, asAppError } from '@gitprotect/shared/errors';
import type { ListedToken } from '../../bitbucket/listed-token.ts';
import { Button, Problem } from '../../in-page/parts.tsx';
import { Stateful } from '../../in-page/stateful.tsx';
import type { TokensSession } from '../tokens-session.ts';

interface RevokeState {
  readonly step: 'offer' | 'sure' | 'done';
  readonly error: AppError | null;
}

/** Ends a token that has a successor, in Bitbucket, once the person has said so twice. */
export function Revoke({ session, token }: { readonly session: TokensSession; readonly token: ListedToken }) {
  const start: RevokeState = { step: 'offer', error: null };
  return (
    <Stateful
      start={start}
      view={({ step, error }, set) => {
        if (step === 'done') return <p role="status">“{token.name}” is revoked.</p>;
        const revoke = () =>
          session.revoke(token).then(
            () => set({ step: 'done' }),
            (reason: unknown) => set({ error: asAppError(reason) }),
          );
        return (
          <>
            {error !== null && <Problem error={error} />}
            <div class="note line">
              <span class="text">
                {step === 'sure' ? 'Whatever else uses it stops working.' : `The old token “${token.name}” is still in Bitbucket.`}
              </span>
              {step === 'sure' ? (
                <Button act={() => void revoke()}>Revoke “{token.name}”</Button>
              ) : (
                <Button act={() => set({ step: 'sure' })}>Revoke it…</Button>
              )}
            </div>
          </>
        );
      }}
    />
  );
}
