import { asAppError, type AppError } from '@gitprotect/shared/errors';
import type { Clock } from '../lib/clock.ts';
import type { Lease, LeaseRequest, LeaseResult, Pool } from './pool.ts';

export interface WithLeaseOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told when every user is throttled and the request waits until that time (milliseconds since 1970). */
  readonly onWait?: ((until: number) => void) | undefined;
}

/** Seconds a user is parked when the server refuses without saying for how long. */
const usualPause = 5;

/**
 * Runs one request with a lent credential. When the server throttles its user or refuses the credential, the request moves on to the
 * next user; when all are throttled it waits for the first to come back. `request` must be repeatable.
 * @throws the last refusal when no credential is left, `not-covered` when there was none, and whatever else `request` fails with
 */
export async function withLease<T>(
  wanted: LeaseRequest,
  request: (lease: Lease) => Promise<T>,
  { pool, clock, signal, onWait }: WithLeaseOptions,
): Promise<T> {
  const avoid = new Set(wanted.avoid);
  let refusal: AppError | undefined;
  for (;;) {
    let lease: Lease;
    try {
      lease = await pool.lease({ ...wanted, avoid: [...avoid] }, signal);
    } catch (caught) {
      const error = asAppError(caught);
      if (error.code === 'not-covered' && refusal !== undefined) throw refusal;
      const until = error.code === 'throttled' ? error.facts['until'] : undefined;
      if (typeof until !== 'number') throw caught;
      onWait?.(until);
      await clock.sleep(Math.max(1, until - clock.now()), signal);
      continue;
    }
    try {
      const result = await request(lease);
      await lease.report('ok');
      return result;
    } catch (caught) {
      const error = asAppError(caught);
      const verdict = verdictOn(error);
      await lease.report(verdict.result);
      signal.throwIfAborted();
      if (!verdict.another) throw caught;
      if (error.code !== 'throttled') {
        refusal = error;
        avoid.add(lease.credentialId);
      }
    }
  }
}

/** What an error says of the credential, and whether another one may do better. */
function verdictOn(error: AppError): { readonly result: LeaseResult; readonly another: boolean } {
  switch (error.code) {
    case 'throttled':
      return { result: { throttled: Number(error.facts['retryAfterSeconds'] ?? usualPause) }, another: true };
    case 'token-rejected':
    case 'token-expired':
      return { result: 'rejected', another: true };
    // Bitbucket hides what a user may not see, so for another one it may exist.
    case 'token-no-read':
    case 'project-not-found':
    case 'repo-not-found':
      return { result: 'other', another: true };
    default:
      return { result: 'other', another: false };
  }
}
