import type { AppError } from '@gitprotect/shared/errors';
import type { ComponentChildren } from 'preact';
import { isOrphaned, local } from '../agent/client.ts';
import type { PageDestination } from '../agent/messages.ts';
import { trusted } from './trusted.ts';

/** Our sign, so that a person sees which buttons are not Bitbucket's. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 128 128" aria-hidden="true">
      <path d="M64 6 112 22v42c0 30-20 50-48 58C36 114 16 94 16 64V22Z" fill="#0c66e4" />
      <path d="M40 64l17 17 32-35" fill="none" stroke="#fff" stroke-width="14" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}

interface ButtonProps {
  readonly act: () => void;
  readonly look?: 'primary' | 'quiet';
  readonly disabled?: boolean;
  readonly children: ComponentChildren;
}

export function Button({ act, look, disabled = false, children }: ButtonProps) {
  return (
    <button type="button" class={look ?? ''} disabled={disabled} onClick={trusted(act)}>
      {children}
    </button>
  );
}

interface SwitchProps {
  readonly on: boolean;
  readonly label: string;
  readonly disabled?: boolean;
  readonly act: () => void;
}

export function Switch({ on, label, disabled = false, act }: SwitchProps) {
  return (
    <button type="button" class="switch" role="switch" aria-checked={on} aria-label={label} disabled={disabled} onClick={trusted(act)} />
  );
}

/** Leads to a page of the extension. What fails there shows there. */
export function go(destination: PageDestination): void {
  void local('page.open', destination).catch(() => undefined);
}

/** What went wrong and what to do about it, with the way there. */
export function Problem({ error }: { readonly error: AppError }) {
  const away = error.code === 'agent-not-running' || error.code === 'connection-lost';
  return (
    <div class="note bad stack" role="alert">
      <p>
        <b>{sentence(isOrphaned() ? 'GitProtect was updated' : away ? 'The GitProtect agent does not answer' : error.message)}</b>
      </p>
      {isOrphaned() ? <p>Reload this page to go on.</p> : <Cure error={error} away={away} />}
    </div>
  );
}

function Cure({ error, away }: { readonly error: AppError; readonly away: boolean }) {
  if (away)
    return (
      <p>
        It is not running, or something blocks the way to it. Start it with <code>npx gitprotect-agent start</code> and try again.{' '}
        <Button look="quiet" act={() => go({ to: 'overview' })}>
          Open GitProtect
        </Button>
      </p>
    );
  if (error.code === 'not-paired')
    return (
      <p>
        Run <code>npx gitprotect-agent pair</code> and paste its code.{' '}
        <Button look="quiet" act={() => go({ to: 'pair' })}>
          Pair this browser
        </Button>
      </p>
    );
  if (error.code === 'not-your-agent')
    return (
      <p>
        Another program answers in its place. Nothing was sent to it.{' '}
        <Button look="quiet" act={() => go({ to: 'pair' })}>
          Look at the pairing
        </Button>
      </p>
    );
  return error.remedy === undefined ? null : <p>{sentence(error.remedy)}</p>;
}

/** Messages are kept in lower case without a full stop, to be put together. */
function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
