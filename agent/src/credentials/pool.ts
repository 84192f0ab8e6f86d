import { AppError } from '@gitprotect/shared/errors';
import type { Clock } from '../lib/clock.ts';
import type { Secret } from '../lib/secret.ts';
import type { Buckets } from './buckets.ts';
import { choose, type Candidate } from './choose.ts';
import { Turnstile } from './turnstile.ts';

/** A credential as the pool needs it. */
export interface PoolCredential extends Candidate {
  readonly ownerSlug: string | null;
}

/** Where the pool's credentials come from, and where it writes what became of them. */
export interface PoolSource {
  /** Those of `credentialIds` that may be used for the project now: attached, not expired, not rejected; for `repoId` those that see it. */
  candidates(wanted: Pick<LeaseRequest, 'serverId' | 'projectId' | 'repoId' | 'credentialIds'>): Promise<readonly PoolCredential[]>;
  secret(credentialId: string): Promise<Secret>;
  markRejected(credentialId: string): Promise<void>;
  markUsed(credentialId: string): Promise<void>;
}

/** For what a credential is wanted. */
export interface LeaseRequest {
  readonly serverId: string;
  readonly projectId: string;
  /** Narrows the choice to credentials that see this repo, where that is known. */
  readonly repoId?: number | undefined;
  /** The projects' own and those the plan has enabled. */
  readonly credentialIds: readonly string[];
  /** Credentials this request has failed with already. */
  readonly avoid?: readonly string[] | undefined;
  /** One REST request, or one git fetch from its first byte to its last. Each kind has its own limit. */
  readonly purpose: 'rest' | 'git';
}

/** How a request ended, as far as it says something of the credential. `other`: it failed, and not because of the credential. */
export type LeaseResult = 'ok' | 'rejected' | 'other' | { readonly throttled: number };

/** A credential lent for one request. `report` gives it back, once; whoever leases must report. */
export interface Lease {
  readonly credentialId: string;
  readonly ownerSlug: string | null;
  readonly token: Secret;
  /** `throttled` is in seconds, as `Retry-After` says. */
  report(result: LeaseResult): Promise<void>;
}

/** The server began to refuse a user. Times in milliseconds since 1970. */
export interface ThrottleEvent {
  readonly serverId: string;
  readonly credentialId: string;
  readonly ownerSlug: string | null;
  readonly from: number;
  readonly until: number;
}

export interface Pool {
  /**
   * Lends the credential of the user with most requests left; waits while the server has as many requests from us as it may.
   * @throws AppError `throttled` with `facts.until` (milliseconds since 1970) when every user is parked, `not-covered` when none can be used
   */
  lease(request: LeaseRequest, signal: AbortSignal): Promise<Lease>;
  /** Calls back for each stretch of throttling, until disposed. */
  onThrottle(listener: (event: ThrottleEvent) => void): Disposable;
}

export interface PoolOptions {
  readonly source: PoolSource;
  readonly buckets: Buckets;
  readonly clock: Clock;
  /** Requests at once to one server, whoever asks. */
  readonly atOnce?: Readonly<Record<LeaseRequest['purpose'], number>>;
}

export function credentialPool({ source, buckets, clock, atOnce = { rest: 8, git: 4 } }: PoolOptions): Pool {
  const turnstiles = new Map<string, Turnstile>();
  const listeners = new Set<(event: ThrottleEvent) => void>();

  const turnstileOf = ({ serverId, purpose }: LeaseRequest): Turnstile => {
    const name = `${serverId} ${purpose}`;
    const turnstile = turnstiles.get(name) ?? new Turnstile(atOnce[purpose]);
    turnstiles.set(name, turnstile);
    return turnstile;
  };

  const pick = async (request: LeaseRequest): Promise<PoolCredential> => {
    const avoid = new Set(request.avoid);
    const candidates = (await source.candidates(request)).filter(({ credentialId }) => !avoid.has(credentialId));
    const choice = choose(candidates, (user) => buckets.of(user), clock.now());
    if (choice.kind === 'wait') throw allThrottled(choice.until);
    const chosen = choice.kind === 'lease' && candidates.find(({ credentialId }) => credentialId === choice.candidate.credentialId);
    if (chosen === false || chosen === undefined) throw nobodyLeft();
    return chosen;
  };

  const park = ({ credentialId, ownerSlug, user }: PoolCredential, serverId: string, seconds: number): void => {
    const from = clock.now();
    const until = from + Math.max(1, seconds) * 1000;
    if (!buckets.park(user, until, from)) return;
    for (const listener of listeners) listener({ serverId, credentialId, ownerSlug, from, until });
  };

  return {
    lease: async (request, signal) => {
      const leave = await turnstileOf(request).enter(signal);
      try {
        const chosen = await pick(request);
        buckets.take(chosen.user, clock.now());
        const token = await source.secret(chosen.credentialId);
        let open = true;
        return {
          credentialId: chosen.credentialId,
          ownerSlug: chosen.ownerSlug,
          token,
          report: async (result) => {
            if (!open) return;
            open = false;
            leave();
            if (typeof result === 'object') park(chosen, request.serverId, result.throttled);
            else if (result === 'rejected') await source.markRejected(chosen.credentialId);
            else if (result === 'ok') await source.markUsed(chosen.credentialId);
          },
        };
      } catch (error) {
        leave();
        throw error;
      }
    },
    onThrottle: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}

function allThrottled(until: number): AppError {
  return new AppError('throttled', `Bitbucket throttles every user until ${new Date(until).toISOString()}`, {
    remedy: 'wait: it goes on by itself; credentials of further users make it faster',
    facts: { until },
  });
}

function nobodyLeft(): AppError {
  return new AppError('not-covered', 'no credential is left that could serve this request', {
    remedy: 'add a credential to the project, or enable additional ones in the plan, and look at the health of those there are',
  });
}
