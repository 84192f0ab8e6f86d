import type { AppError } from '@gitprotect/shared/errors';
import { useState } from 'preact/hooks';
import { Button, Problem, inWords } from '../../in-page/parts.tsx';
import type { TokensSession } from '../tokens-session.ts';
import { Adding, type Carried } from './adding.tsx';

interface CreateCardProps {
  readonly session: TokensSession;
  /** ISO date of today. */
  readonly today: string;
  /** Plans of the credential that the new one takes over from. */
  readonly propose: readonly string[];
  readonly close: () => void;
}

const expiries = [90, 180, 365];
const permissions = ['REPO_READ', 'PROJECT_READ'] as const;

/** `gitprotect-backup-2026-11-22`, with a number behind it where that name is taken. */
export function newTokenName(today: string, taken: readonly string[]): string {
  const name = `gitprotect-backup-${today}`;
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!taken.includes(candidate)) return candidate;
  }
}

/** Makes a token that may only read, through the session of the person in front of the page; its secret is never shown. */
export function CreateCard({ session, today, propose, close }: CreateCardProps) {
  const [expiryDays, setExpiryDays] = useState(90);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const [created, setCreated] = useState<Carried | null>(null);
  const name = newTokenName(
    today,
    session.tokens.map((token) => token.name),
  );
  const create = async () => {
    setWorking(true);
    setError(null);
    // Bitbucket would show the secret once, to nobody: first see that there is an agent to take it.
    await session.refresh();
    try {
      if (session.problem !== null) throw session.problem;
      const { secret, ...token } = await session.create({ name, permissions, expiryDays });
      setCreated({ secret, token });
    } catch (reason) {
      setError(inWords(reason));
    }
    setWorking(false);
  };
  if (created !== null) {
    const leftover = (
      <p>The token “{created.token?.name}” exists in Bitbucket. If you give up here, revoke it: its secret cannot be read again.</p>
    );
    return <Adding session={session} carried={created} propose={propose} leftover={leftover} close={close} />;
  }
  const other = session.sameUser();
  return (
    <>
      <h3>Create a backup token</h3>
      <p>
        Bitbucket makes “{name}” for you, with read rights on your projects and repositories. Its secret goes straight to the GitProtect
        agent on this machine and is not shown.
      </p>
      {other !== null && (
        <p>
          “{other.name}” of the same user is in GitProtect already: Bitbucket counts requests per user, so a second token adds no
          throughput.
        </p>
      )}
      <label class="field">
        Expires
        <select
          disabled={working}
          value={expiryDays}
          onChange={(event) => {
            if (event.isTrusted) setExpiryDays(Number(event.currentTarget.value));
          }}
        >
          {expiries.map((days) => (
            <option key={days} value={days}>
              in {days} days
            </option>
          ))}
        </select>
      </label>
      {error !== null && <Problem error={error} />}
      <div class="line actions">
        <Button look="quiet" act={close}>
          Not now
        </Button>
        <Button look="primary" disabled={working} act={() => void create()}>
          {working ? 'Creating…' : 'Create and add'}
        </Button>
      </div>
    </>
  );
}
