import { asAppError } from '@gitprotect/shared/errors';
import type { Clock } from '../lib/clock.ts';

const usualPauseSeconds = 5;

export interface WaitOutOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** A server that asks for more has something else in mind than an empty bucket: then the refusal is thrown. */
  readonly longestSeconds?: number;
}

/** Does a piece of work again while the server throttles: for work that must be done as one user. It must bear being done twice. */
export async function waitOut<T>(work: () => Promise<T>, { clock, signal, longestSeconds = Infinity }: WaitOutOptions): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (caught) {
      signal?.throwIfAborted();
      const error = asAppError(caught);
      const seconds = Number(error.facts['retryAfterSeconds'] ?? usualPauseSeconds);
      if (error.code !== 'throttled' || seconds > longestSeconds) throw caught;
      await clock.sleep(Math.max(1, seconds) * 1000, signal);
    }
  }
}
