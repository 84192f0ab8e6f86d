import { asAppError } from '@gitprotect/shared/errors';
import type { Clock } from '../lib/clock.ts';
import { readerOf, type Asking, type Reader } from './reader.ts';

const usualPauseSeconds = 5;
/** A server that asks for more has something else in mind than an empty bucket. */
const longestPauseSeconds = 120;

/**
 * The same reader, which waits out throttling, request by request: for work that must be done as one user. A list is never begun anew,
 * else one longer than the bucket would never end.
 */
export function patient(reader: Reader, clock: Clock): Reader {
  const waiting = async <T>(ask: () => Promise<T>, { signal }: Asking): Promise<T> => {
    for (;;) {
      try {
        return await ask();
      } catch (caught) {
        const error = asAppError(caught);
        const seconds = Number(error.facts['retryAfterSeconds'] ?? usualPauseSeconds);
        if (error.code !== 'throttled' || seconds > longestPauseSeconds) throw caught;
        await clock.sleep(Math.max(1, seconds) * 1000, signal);
      }
    }
  };
  return readerOf(reader.baseUrl, {
    ask: (path, asking) => waiting(() => reader.ask(path, asking), asking),
    text: (path, asking) => waiting(() => reader.text(path, asking), asking),
    bytes: (path, asking) => waiting(() => reader.bytes(path, asking), asking),
  });
}
