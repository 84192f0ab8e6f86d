import { AppError } from '@gitprotect/shared/errors';
import type { BitbucketClient } from '../../bitbucket/client.ts';
import { type Asking, readerOf, type Reader } from '../../bitbucket/reader.ts';
import { withRetries } from '../../bitbucket/retry.ts';
import type { Lease } from '../../credentials/pool.ts';
import type { Clock } from '../../lib/clock.ts';

/** Lends a token for one request: the seam to the pool. */
export interface Lending {
  /** Makes the request with a lent token, and again with another one's when it is throttled or refused. Never with those in `avoid`. */
  rest<T>(request: (lease: Lease) => Promise<T>, avoid: readonly string[]): Promise<T>;
  /** Credentials that may be lent. */
  readonly mayLend: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Who asks for what anybody may read, and for what only administrators may: `null` when none in use may be one. */
export interface MetadataAccess {
  readonly read: Reader;
  readonly admin: () => Reader | null;
}

/**
 * Readers for the metadata of one repo or project, over the pool. Each request is lent a token of its own, so throttled in the middle of a long
 * list only that page moves on to the next user. Who was refused as no administrator, or is known for none (`administers`), is not asked again.
 */
export function metadataAccess(client: BitbucketClient, lending: Lending, administers: (credentialId: string) => boolean): MetadataAccess {
  const refused = new Set(lending.mayLend.filter((id) => !administers(id)));
  const readerWith = (avoid: ReadonlySet<string>, onRefusal: (id: string) => void): Reader => {
    const lent = <T>(ask: (reader: Reader) => Promise<T>): Promise<T> => {
      const left = lending.mayLend.filter((id) => !avoid.has(id));
      if (left.length === 0) throw new AppError('token-no-read', 'no credential in use may administer it');
      const once = () =>
        lending.rest(
          async ({ token, credentialId, answered }) => {
            try {
              return await ask(client.as(token, answered));
            } catch (error) {
              if (error instanceof AppError && error.code === 'token-no-read') onRefusal(credentialId);
              throw error;
            }
          },
          [...avoid],
        );
      return withRetries(once, { clock: lending.clock, signal: lending.signal, busyIsWaitedFor: true });
    };
    return readerOf(client.baseUrl, {
      ask: async (path, asking) => lent((reader) => reader.ask(path, asking)),
      text: async (path, asking: Asking) => lent((reader) => reader.text(path, asking)),
      bytes: async (path, asking: Asking) => lent((reader) => reader.bytes(path, asking)),
    });
  };
  const admin = readerWith(refused, (id) => refused.add(id));
  return { read: readerWith(new Set(), () => undefined), admin: () => (lending.mayLend.every((id) => refused.has(id)) ? null : admin) };
}
