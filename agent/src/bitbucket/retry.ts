import { randomInt } from 'node:crypto';
import { asAppError, type AppError } from '@gitprotect/shared/errors';
import type { Clock } from '../lib/clock.ts';

const attempts = 4;
const firstWait = 500;
const longestWait = 10_000;

/**
 * Milliseconds until a GET that failed for the `attempt`th time (from 1) is asked again; `null` when it is not. `chance` in [0, 1).
 * Throttling is not waited out here: the pool moves the request to another user, and `patient` waits.
 */
export function waitBefore(attempt: number, error: AppError, chance: number): number | null {
  const passing =
    error.code === 'server-error' ||
    error.code === 'server-busy' ||
    (error.code === 'server-unreachable' && error.facts['reason'] === 'cut');
  if (!passing || attempt >= attempts) return null;
  const asked = Number(error.facts['retryAfterSeconds'] ?? 0) * 1000;
  if (asked > longestWait) return null;
  return Math.max(asked, Math.min(longestWait, firstWait * 2 ** (attempt - 1)) * (0.5 + chance / 2));
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Whether a busy server is waited for elsewhere: the pool does, for all requests at once. */
  readonly busyIsWaitedFor?: boolean;
}

/** Runs an idempotent request until it succeeds, or fails in a way that asking again does not mend. */
export async function withRetries<T>(ask: () => Promise<T>, { clock, signal, busyIsWaitedFor = false }: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (caught) {
      signal?.throwIfAborted();
      const error = asAppError(caught);
      const wait = waitBefore(attempt, error, randomInt(1_000_000) / 1_000_000);
      if (wait === null || (busyIsWaitedFor && error.code === 'server-busy')) throw caught;
      await clock.sleep(wait, signal);
    }
  }
}
