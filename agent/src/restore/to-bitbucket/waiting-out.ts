import { asAppError } from '@gitprotect/shared/errors';
import type { Clock } from '../../lib/clock.ts';

const usualPauseSeconds = 5;

/** Does a piece of work again while the server throttles: a restore has one user only. It must bear being done twice. */
export async function waitingOut<T>(clock: Clock, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (caught) {
      signal.throwIfAborted();
      const error = asAppError(caught);
      if (error.code !== 'throttled') throw caught;
      await clock.sleep(Math.max(1, Number(error.facts['retryAfterSeconds'] ?? usualPauseSeconds)) * 1000, signal);
    }
  }
}
