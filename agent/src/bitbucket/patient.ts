import type { Clock } from '../lib/clock.ts';
import { readerOf, type Asking, type Reader } from './reader.ts';
import { withRetries } from './retry.ts';
import { waitOut } from './wait-out.ts';

const longestSeconds = 120;

/**
 * The same reader, which waits out throttling and tries again what may pass, request by request: for what must be asked as one user, outside of a
 * run. A list is never begun anew, else one longer than the bucket would never end.
 */
export function patient(reader: Reader, clock: Clock): Reader {
  const waiting = <T>(ask: () => Promise<T>, { signal }: Asking): Promise<T> =>
    waitOut(() => withRetries(ask, { clock, signal }), { clock, signal, longestSeconds });
  return readerOf(reader.baseUrl, {
    ask: (path, asking) => waiting(() => reader.ask(path, asking), asking),
    text: (path, asking) => waiting(() => reader.text(path, asking), asking),
    bytes: (path, asking) => waiting(() => reader.bytes(path, asking), asking),
  });
}
