import { type AppError, asAppError, type ErrorCode } from './errors.ts';

/** What follows a connection that failed or ended: another attempt after some milliseconds, or waiting for a person. */
export type Next = { readonly retryIn: number } | { readonly stop: ErrorCode };

const first = 500;
const longest = 30_000;

/**
 * Decides what follows attempt number `attempt` (from 1) that failed with `code`. Delays double up to 30 seconds, each shortened
 * by up to half, by `random` in [0, 1), so that clients do not come back in step. An agent that is away is no reason to pair again.
 */
export function afterFailure(code: ErrorCode, attempt: number, random: number): Next {
  if (code !== 'agent-not-running' && code !== 'connection-lost') return { stop: code };
  const full = Math.min(longest, first * 2 ** (attempt - 1));
  return { retryIn: Math.round(full * (1 - random / 2)) };
}

export interface Reconnecting<C> {
  readonly connect: (signal: AbortSignal) => Promise<C>;
  readonly signal: AbortSignal;
  /** What to show: the connection, or why there is none and when the next attempt comes (`null`: when a person has acted). */
  readonly onChange: (state: { connection: C } | { error: AppError; retryIn: number | null }) => void;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * Keeps a connection until `signal` aborts, this side closes it, or a failure only a person can put right.
 * State is never resumed: after each connection the client asks again for what it shows.
 */
export async function stayConnected<C extends { readonly closed: Promise<AppError | null> }>(options: Reconnecting<C>): Promise<void> {
  const { connect, signal, onChange, sleep, random } = options;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    let error: AppError | null;
    try {
      const connection = await connect(signal);
      attempt = 1;
      onChange({ connection });
      error = await connection.closed;
    } catch (reason) {
      error = asAppError(reason);
    }
    if (error === null || signal.aborted) return;
    const next = afterFailure(error.code, attempt, random());
    onChange({ error, retryIn: 'retryIn' in next ? next.retryIn : null });
    if ('stop' in next) return;
    await sleep(next.retryIn, signal).catch(() => undefined);
  }
}
