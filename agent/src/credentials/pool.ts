import { asAppError } from '@gitprotect/shared/errors';
import type { RateLimit } from '../bitbucket/rate-limit.ts';
import type { Clock } from '../lib/clock.ts';
import type { Secret } from '../lib/secret.ts';
import { isStale, readyAt, usualShare } from './bucket.ts';
import type { Buckets } from './buckets.ts';
import type { PoolCredential } from './choose.ts';
import { RequestQueue, type Purpose, type Turn, type Wanted } from './request-queue.ts';

/** Where the pool's credentials come from, and where it writes what became of them. */
export interface PoolSource {
  /** Those of `credentialIds` that may be used for the project now: attached, not expired, not rejected. */
  candidates(wanted: Pick<LeaseRequest, 'serverId' | 'projectId' | 'credentialIds'>): Promise<readonly PoolCredential[]>;
  secret(credentialId: string): Promise<Secret>;
  /** Asks the server what it allows the lent credential's user. */
  limit(serverId: string, lease: Lease, signal: AbortSignal): Promise<RateLimit>;
  markRejected(credentialId: string): Promise<void>;
  markUsed(credentialId: string): Promise<void>;
}

/** How a request is to be treated, whoever serves it. */
export interface Manner {
  readonly purpose: Purpose;
  /** Of each user's limit, so much may be used: 0.1–1. The rest is for the people whose accounts these are. */
  readonly share?: number | undefined;
  /** Told when every user is throttled, and until when (milliseconds since 1970); the request waits. */
  readonly onWait?: ((until: number) => void) | undefined;
}

/** For what a credential is wanted. */
export interface LeaseRequest extends Manner {
  readonly serverId: string;
  readonly projectId: string;
  /** Those that may serve it: of the projects' own and those the plan has enabled, the ones that saw what it is about. */
  readonly credentialIds: readonly string[];
  /** Credentials this request has failed with already. */
  readonly avoid?: readonly string[] | undefined;
}

/** A request that only this credential can make: what it sees is the question. */
export interface LoneRequest extends Manner {
  readonly serverId: string;
  readonly credential: PoolCredential;
  /** Rejects with `throttled` when its user is refused for longer than so many milliseconds. */
  readonly longest?: number | undefined;
}

/**
 * How a request ended, as far as it says something of the credential or the server. `throttled` in seconds, as `Retry-After` says; `busy` too,
 * `null` when it does not. `other`: it failed, and because of neither.
 */
export type LeaseResult = 'ok' | 'rejected' | 'other' | { readonly throttled: number } | { readonly busy: number | null };

/** A credential lent for one request. `report` gives it back, once; whoever leases must report. */
export interface Lease {
  readonly credentialId: string;
  readonly ownerSlug: string | null;
  readonly token: Secret;
  /** To be told of each HTTP answer, with its `X-AREQUESTID`: what was one request may have become two on the wire. */
  readonly answered: (requestId: string | undefined) => void;
  report(result: LeaseResult): Promise<void>;
  /** Since when the server answers everybody that it is busy (milliseconds since 1970); `null` when it does not. */
  readonly busySince: () => number | null;
}

/** The server began to refuse a user. Times in milliseconds since 1970. */
export interface ThrottleEvent {
  readonly serverId: string;
  readonly credentialId: string;
  readonly ownerSlug: string | null;
  readonly from: number;
  readonly until: number;
}

/** Who could serve a request, and how soon. */
export interface Outlook {
  /** Users, whatever tokens they have. */
  readonly users: number;
  /** When the first of them can be asked (milliseconds since 1970), now or earlier when at once; infinite when there is none. */
  readonly readyAt: number;
}

export interface Pool {
  /**
   * Lends the credential of the user who can best afford the request. Waits, first come first served, while none can, and while the server has as
   * many requests from us as it may, or asked for a pause.
   * @throws AppError `not-covered` when none can be used; `server-busy` when the server wants to be left alone for long
   */
  lease(request: LeaseRequest | LoneRequest, signal: AbortSignal): Promise<Lease>;
  /** How it stands with those who could serve such a request. */
  outlook(request: Pick<LeaseRequest, 'serverId' | 'projectId' | 'credentialIds' | 'share'>): Promise<Outlook>;
  /** Calls back for each stretch of throttling, until disposed. */
  onThrottle(listener: (event: ThrottleEvent) => void): Disposable;
}

export interface PoolOptions {
  readonly source: PoolSource;
  readonly buckets: Buckets;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly chance: () => number;
  /** Requests at once to one server, whoever asks. */
  readonly atOnce?: Readonly<Record<Purpose, number>>;
}

export function credentialPool({ source, buckets, clock, chance, atOnce = { rest: 8, git: 4 } }: PoolOptions): Pool {
  const queues = new Map<string, RequestQueue>();
  const listeners = new Set<(event: ThrottleEvent) => void>();
  const asking = new Map<string, Promise<void>>();

  const queueOf = (serverId: string): RequestQueue => {
    const queue = queues.get(serverId) ?? new RequestQueue({ buckets, clock, atOnce, chance });
    queues.set(serverId, queue);
    return queue;
  };

  const candidatesFor = async (request: LeaseRequest | LoneRequest): Promise<readonly PoolCredential[]> => {
    if ('credential' in request) return [request.credential];
    const avoid = new Set(request.avoid);
    return (await source.candidates(request)).filter(({ credentialId }) => !avoid.has(credentialId));
  };

  const lend = async (serverId: string, wanted: Wanted, signal: AbortSignal): Promise<Lease> => {
    const queue = queueOf(serverId);
    const turn = await queue.enter(wanted, signal);
    try {
      return leaseOf(turn, await source.secret(turn.candidate.credentialId), { serverId, share: wanted.share });
    } catch (error) {
      turn.leave();
      throw error;
    }
  };

  const leaseOf = ({ candidate, at, leave }: Turn, token: Secret, { serverId, share }: { serverId: string; share: number }): Lease => {
    const { credentialId, ownerSlug, user } = candidate;
    const queue = queueOf(serverId);
    let [open, answers] = [true, 0];
    const throttledFor = (seconds: number): void => {
      const from = clock.now();
      const until = buckets.refuse(user, { now: from, takenAt: at, seconds, share });
      if (until !== null) for (const listener of listeners) listener({ serverId, credentialId, ownerSlug, from, until });
    };
    return {
      credentialId,
      ownerSlug,
      token,
      answered: (requestId) => {
        answers += 1;
        if (answers > 1) buckets.take(user, clock.now(), share);
        buckets.answered(user, requestId);
      },
      busySince: () => queue.busySince,
      report: async (result) => {
        if (!open) return;
        open = false;
        if (typeof result === 'object' && 'throttled' in result) throttledFor(result.throttled);
        else if (typeof result === 'object') queue.busy(at, result.busy);
        else queue.well(at);
        if (result === 'rejected') queue.drop(credentialId);
        // After what it taught, so that nobody goes out on what was believed before.
        leave();
        if (result === 'rejected') await source.markRejected(credentialId);
        else if (result === 'ok') await source.markUsed(credentialId);
      },
    };
  };

  /** Asks the server what it allows this user, once at a time. That it does not say is no trouble. */
  const askLimit = async (serverId: string, credential: PoolCredential, share: number, signal: AbortSignal): Promise<void> => {
    const lease = await lend(serverId, { candidates: [credential], purpose: 'rest', share }, signal);
    try {
      buckets.learn(credential.user, await source.limit(serverId, lease, signal), clock.now());
      await lease.report('ok');
    } catch (caught) {
      buckets.learn(credential.user, { kind: 'unknown' }, clock.now());
      const { code, facts } = asAppError(caught);
      await lease.report(code === 'throttled' ? { throttled: Number(facts['retryAfterSeconds'] ?? 1) } : 'other');
    }
  };

  /** Finds out what those who could be asked now are allowed, where that is not known, or was asked too long ago. */
  const freshen = async (serverId: string, { candidates, share }: Wanted, signal: AbortSignal): Promise<void> => {
    const now = clock.now();
    const stale = candidates.filter(({ user }) => isStale(buckets.of(user), now) && readyAt(buckets.of(user), now, share) <= now);
    const asked = [...Map.groupBy(stale, ({ user }) => user).values()].flatMap(([credential]) => {
      if (credential === undefined) return [];
      const { user } = credential;
      const work =
        asking.get(user) ??
        askLimit(serverId, credential, share, signal)
          // Whatever is wrong shows when the request itself is made; and it may be another's, who was aborted.
          .catch(() => undefined)
          .finally(() => asking.delete(user));
      asking.set(user, work);
      return work;
    });
    await Promise.all(asked);
    signal.throwIfAborted();
  };

  return {
    lease: async (request, signal) => {
      const { serverId, purpose, onWait, share = usualShare } = request;
      const candidates = await candidatesFor(request);
      const wanted = { candidates, purpose, share, onWait, longest: 'longest' in request ? request.longest : undefined };
      await freshen(serverId, wanted, signal);
      return lend(serverId, wanted, signal);
    },
    outlook: async ({ share = usualShare, ...request }) => {
      const users = new Set((await source.candidates(request)).map(({ user }) => user));
      const now = clock.now();
      return { users: users.size, readyAt: Math.min(...[...users].map((user) => readyAt(buckets.of(user), now, share))) };
    },
    onThrottle: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
