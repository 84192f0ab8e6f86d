import { type AppError, asAppError } from '@gitprotect/shared/errors';
import type { ListedToken } from '../../bitbucket/listed-token.ts';
import { Button, Problem } from '../../in-page/parts.tsx';
import { Stateful } from '../../in-page/stateful.tsx';
import type { TokensSession } from '../tokens-session.ts';
import { Adding, type Carried, type Renewing } from './adding.tsx';

interface CreateCardProps {
  readonly session: TokensSession;
  /** ISO date of today. */
  readonly today: string;
  /** Whose place the new one takes: its rights are the same then. */
  readonly renews: Renewing | null;
  readonly close: () => void;
}

const expiries = [90, 180, 365];
const permissions = ['REPO_READ', 'PROJECT_READ'] as const;

/** `gitprotect-backup-2026-11-22`, or `laptop-renewed-2026-11-22` as successor; with a number behind it where that name is taken. */
export function newTokenName(today: string, taken: readonly ListedToken[], old?: string): string {
  const name = `${old === undefined ? 'gitprotect-backup' : `${old.replace(/-renewed-[\d-]+$/, '').slice(0, 80)}-renewed`}-${today}`;
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
export function CreateCard({ session, today, renews, close }: CreateCardProps) {
  const create = async (expiryDays: number, set: (next: Partial<CreateState>) => void) => {
    set({ working: true, error: null });
    // Bitbucket would show the secret once, to nobody: first see that there is an agent to take it.
    await session.refresh();
    try {
      if (session.problem !== null) throw session.problem;
      const { secret, ...token } = await session.create({
        name: newTokenName(today, session.tokens, renews?.token.name),
        permissions: renews?.token.permissions.length ? renews.token.permissions : permissions,
        expiryDays,
      });
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
        if (created === null)
          return <Form session={session} today={today} renews={renews} {...form} set={set} create={create} close={close} />;
        const leftover = (
          <p>The token “{created.token?.name}” exists in Bitbucket. If you give up here, revoke it: its secret cannot be read again.</p>
        );
        return <Adding session={session} carried={created} renews={renews} leftover={leftover} close={close} />;
      }}
    />
  );
}

interface FormProps extends CreateCardProps, Omit<CreateState, 'created'> {
  readonly set: (next: Partial<CreateState>) => void;
  readonly create: (expiryDays: number, set: (next: Partial<CreateState>) => void) => Promise<void>;
}

function Form({ session, today, renews, expiryDays, working, error, set, create, close }: FormProps) {
  const other = renews === null ? session.sameUser() : null;
  return (
    <>
      <h3>{renews === null ? 'Create a backup token' : `Renew “${renews.token.name}”`}</h3>
      <p>
        Bitbucket makes “{newTokenName(today, session.tokens, renews?.token.name)}” for you,{' '}
        {renews === null
          ? 'with read rights on your projects and repositories.'
          : 'with the same rights. It takes the old one’s place in every project and plan.'}{' '}
        Its secret goes straight to the GitProtect agent on this machine and is not shown.
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
          {working ? 'Creating…' : renews === null ? 'Create and add' : 'Renew'}
        </Button>
      </div>
    </>
  );
}
