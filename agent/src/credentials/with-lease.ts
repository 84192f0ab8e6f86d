import { asAppError, type AppError } from '@gitprotect/shared/errors';
import type { Clock } from '../lib/clock.ts';
import { longestBusy } from './backoff.ts';
import type { Lease, LeaseRequest, LeaseResult, LoneRequest, Pool } from './pool.ts';

export interface WithLeaseOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Seconds a user is parked when the server refuses without saying for how long. */
const usualPause = 5;

/**
 * Runs one request with a lent credential. When the server throttles its user or refuses the credential, the request moves on to the
 * next user; when all are throttled, or the server is busy, it waits. `request` must be repeatable.
 * @throws the last refusal when no credential is left, `not-covered` when there was none, `server-busy` when it stays so for minutes, and whatever
 * else `request` fails with
 */
export async function withLease<T>(
  wanted: LeaseRequest | LoneRequest,
  request: (lease: Lease) => Promise<T>,
  { pool, clock, signal }: WithLeaseOptions,
): Promise<T> {
  const avoid = new Set('avoid' in wanted ? wanted.avoid : []);
  let refusal: AppError | undefined;
  let busySince: number | undefined;
  for (;;) {
    let lease: Lease;
    try {
      lease = await pool.lease('credential' in wanted ? wanted : { ...wanted, avoid: [...avoid] }, signal);
    } catch (caught) {
      if (refusal !== undefined && asAppError(caught).code === 'not-covered') throw refusal;
      throw caught;
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
      if (!verdict.again) throw caught;
      if (error.code === 'server-busy') {
        busySince ??= clock.now();
        if (clock.now() - Math.min(busySince, lease.busySince() ?? busySince) >= longestBusy) throw caught;
      } else if (error.code !== 'throttled') {
        if ('credential' in wanted) throw caught;
        refusal = error;
        avoid.add(lease.credentialId);
      }
    }
  }
}

/** What an error says of credential and server, and whether another try may do better. */
function verdictOn(error: AppError): { readonly result: LeaseResult; readonly again: boolean } {
  const said = error.facts['retryAfterSeconds'];
  switch (error.code) {
    case 'throttled':
      return { result: { throttled: Number(said ?? usualPause) }, again: true };
    case 'server-busy':
      return { result: { busy: said === undefined ? null : Number(said) }, again: true };
    case 'token-rejected':
    case 'token-expired':
      return { result: 'rejected', again: true };
    // Bitbucket hides what a user may not see, so for another one it may exist.
    case 'token-no-read':
    case 'project-not-found':
    case 'repo-not-found':
      return { result: 'other', again: true };
    default:
      return { result: 'other', again: false };
  }
}
