import { asAppError } from '@gitprotect/shared/errors';
import type { BitbucketClient } from '../bitbucket/client.ts';
import { type Asking, readerOf, type Reader } from '../bitbucket/reader.ts';
import type { LeaseRequest } from './pool.ts';
import { withLease, type WithLeaseOptions } from './with-lease.ts';

export interface LeasedReaderOptions extends WithLeaseOptions {
  /** Told of each request, with the credential that carries it. */
  readonly onRequest?: ((credentialId: string) => void) | undefined;
  /** Told when the server says that this credential may not read what was asked for. */
  readonly onRefusal?: ((credentialId: string) => void) | undefined;
}

/**
 * Reads a server with the pool's credentials, request by request: throttled in the middle of a long list, only the one page moves on to
 * the next user. For things every credential in `wanted` is shown alike, as those of one repo; a list of repos differs from user to user.
 */
export function leasedReader(
  client: Pick<BitbucketClient, 'baseUrl' | 'as'>,
  wanted: () => Omit<LeaseRequest, 'purpose'>,
  { signal, onRequest, onRefusal, ...options }: LeasedReaderOptions,
): Reader {
  const lent = async <T>(asking: Asking, ask: (reader: Reader, signal: AbortSignal) => Promise<T>): Promise<T> => {
    const both = asking.signal === undefined ? signal : AbortSignal.any([signal, asking.signal]);
    return withLease(
      { ...wanted(), purpose: 'rest' },
      async ({ token, credentialId }) => {
        onRequest?.(credentialId);
        try {
          return await ask(client.as(token), both);
        } catch (error) {
          if (asAppError(error).code === 'token-no-read') onRefusal?.(credentialId);
          throw error;
        }
      },
      { ...options, signal: both },
    );
  };
  return readerOf(client.baseUrl, {
    ask: (path, asking) => lent(asking, (reader, both) => reader.ask(path, { ...asking, signal: both })),
    text: (path, asking) => lent(asking, (reader, both) => reader.text(path, { ...asking, signal: both })),
    bytes: (path, asking) => lent(asking, (reader, both) => reader.bytes(path, { ...asking, signal: both })),
  });
}
