import { type AppError, asAppError } from '@gitprotect/shared/errors';
import type { ListedToken } from '../../bitbucket/listed-token.ts';
import { Button, Problem } from '../../in-page/parts.tsx';
import { Stateful } from '../../in-page/stateful.tsx';
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
export function newTokenName(today: string, taken: readonly ListedToken[]): string {
  const name = `gitprotect-backup-${today}`;
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (taken.every((token) => token.name !== candidate)) return candidate;
  }
}

interface CreateState {
  readonly expiryDays: number;
  readonly working: boolean;
  readonly error: AppError | null;
  readonly created: Carried | null;
}

/** Makes a token that may only read, through the session of the person in front of the page; its secret is never shown. */
export function CreateCard({ session, today, propose, close }: CreateCardProps) {
  const create = async (expiryDays: number, set: (next: Partial<CreateState>) => void) => {
    set({ working: true, error: null });
    // Bitbucket would show the secret once, to nobody: first see that there is an agent to take it.
    await session.refresh();
    try {
      if (session.problem !== null) throw session.problem;
      const { secret, ...token } = await session.create({ name: newTokenName(today, session.tokens), permissions, expiryDays });
      set({ created: { secret, token } });
    } catch (error) {
      set({ error: asAppError(error) });
    }
    set({ working: false });
  };
  const start: CreateState = { expiryDays: 90, working: false, error: null, created: null };
  return (
    <Stateful
      start={start}
      view={({ created, ...form }, set) => {
        if (created === null) return <Form session={session} today={today} {...form} set={set} create={create} close={close} />;
        const leftover = (
          <p>The token “{created.token?.name}” exists in Bitbucket. If you give up here, revoke it: its secret cannot be read again.</p>
        );
        return <Adding session={session} carried={created} propose={propose} leftover={leftover} close={close} />;
      }}
    />
  );
}

interface FormProps extends Pick<CreateCardProps, 'session' | 'today' | 'close'>, Omit<CreateState, 'created'> {
  readonly set: (next: Partial<CreateState>) => void;
  readonly create: (expiryDays: number, set: (next: Partial<CreateState>) => void) => Promise<void>;
}

function Form({ session, today, expiryDays, working, error, set, create, close }: FormProps) {
  const other = session.sameUser();
  return (
    <>
      <h3>Create a backup token</h3>
      <p>
        Bitbucket makes “{newTokenName(today, session.tokens)}” for you, with read rights on your projects and repositories. Its secret goes
        straight to the GitProtect agent on this machine and is not shown.
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
            if (event.isTrusted) set({ expiryDays: Number(event.currentTarget.value) });
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
        <Button look="primary" disabled={working} act={() => void create(expiryDays, set)}>
          {working ? 'Creating…' : 'Create and add'}
        </Button>
      </div>
    </>
  );
}
