import type { BitbucketClient } from '../bitbucket/client.ts';
import { readerOf, type Asking, type Reader } from '../bitbucket/reader.ts';
import { withRetries } from '../bitbucket/retry.ts';
import { withLease, type WithLeaseOptions } from './with-lease.ts';
import type { LoneRequest } from './pool.ts';

const longest = 120_000;

/**
 * Reads as one credential, and draws each request from its user's bucket: for work that must be done as one user. A list is never begun anew,
 * else one longer than the bucket would never end.
 */
export function leasedReader(
  client: BitbucketClient,
  who: Pick<LoneRequest, 'serverId' | 'credential' | 'share'>,
  options: WithLeaseOptions,
): Reader {
  const lent = <T>(ask: (reader: Reader) => Promise<T>, { signal = options.signal }: Asking): Promise<T> =>
    withRetries(
      () => withLease({ ...who, purpose: 'rest', longest }, (lease) => ask(client.as(lease.token, lease.answered)), { ...options, signal }),
      { clock: options.clock, signal, busyIsWaitedFor: true },
    );
  return readerOf(client.baseUrl, {
    ask: (path, asking) => lent((reader) => reader.ask(path, asking), asking),
    text: (path, asking) => lent((reader) => reader.text(path, asking), asking),
    bytes: (path, asking) => lent((reader) => reader.bytes(path, asking), asking),
  });
}
