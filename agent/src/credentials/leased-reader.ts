import type { BitbucketClient } from '../bitbucket/client.ts';
import { type Asking, readerOf, type Reader } from '../bitbucket/reader.ts';
import type { LeaseRequest } from './pool.ts';
import { withLease, type WithLeaseOptions } from './with-lease.ts';

/**
 * Reads a server with the pool's credentials, request by request: throttled in the middle of a long list, only the one page moves on to
 * the next user. For things every credential in `wanted` is shown alike, as those of one repo; a list of repos differs from user to user.
 */
export function leasedReader(
  client: BitbucketClient,
  wanted: Omit<LeaseRequest, 'purpose'>,
  { signal, ...options }: WithLeaseOptions,
): Reader {
  const request = { ...wanted, purpose: 'rest' as const };
  const lent = async <T>(asking: Asking, ask: (reader: Reader, signal: AbortSignal) => Promise<T>): Promise<T> => {
    const both = asking.signal === undefined ? signal : AbortSignal.any([signal, asking.signal]);
    return withLease(request, ({ token }) => ask(client.as(token), both), { ...options, signal: both });
  };
  return readerOf(client.baseUrl, {
    ask: (path, asking) => lent(asking, (reader, both) => reader.ask(path, { ...asking, signal: both })),
    text: (path, asking) => lent(asking, (reader, both) => reader.text(path, { ...asking, signal: both })),
  });
}
