import { AppError } from '@gitprotect/shared/errors';
import type { Clock } from '../lib/clock.ts';
import { type Backoff, foundBusy, foundWell, pausesForLong, notBusy, tried } from './backoff.ts';
import type { Buckets } from './buckets.ts';
import { type PoolCredential, choose, decide, type Want } from './choose.ts';

/** One REST request, or one git fetch from its first byte to its last. Each kind has its own limit. */
export type Purpose = 'rest' | 'git';

/** A request on its way into the queue. */
export interface Wanted extends Want {
  readonly purpose: Purpose;
  /** Told when none of its users can be asked for a while, and until when. */
  readonly onWait?: ((until: number) => void) | undefined;
  /** It is given up when it would have to wait longer for a user, in milliseconds. */
  readonly longest?: number | undefined;
}

/** A request that may go out now, with this candidate. */
export interface Turn {
  readonly candidate: PoolCredential;
  /** When it was let out. */
  readonly at: number;
  /** It is over, and its place is free. Said twice it counts once. */
  readonly leave: () => void;
}

export interface QueueOptions {
  readonly buckets: Buckets;
  readonly clock: Clock;
  /** Requests at once, whoever asks. */
  readonly atOnce: Readonly<Record<Purpose, number>>;
  /** In [0, 1). */
  readonly chance: () => number;
}

interface Entry extends Wanted {
  readonly go: (turn: Turn) => void;
  readonly fail: (error: unknown) => void;
  toldUntil: number;
}

interface Timer {
  readonly until: number;
  readonly stop: AbortController;
}

/** A wait for a user that is not worth a word. */
const shortWait = 5000;

/** The requests to one server, in order of arrival: who goes out next, and when. */
export class RequestQueue {
  readonly #options: QueueOptions;
  readonly #inside: Record<Purpose, number> = { rest: 0, git: 0 };
  #waiting: Entry[] = [];
  #backoff: Backoff = notBusy;
  #timer: Timer | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the request may go out. Rejects with the signal's reason; with `not-covered` when there is no candidate (any more); with
   * `throttled` (`facts.until`) when it would take longer than `longest`; with `server-busy` when the server said it will be for long.
   */
  async enter(wanted: Wanted, signal: AbortSignal): Promise<Turn> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Turn>();
    const entry: Entry = { ...wanted, go: resolve, fail: reject, toldUntil: 0 };
    const stop = () => {
      this.#remove(entry);
      reject(signal.reason);
      this.#move();
    };
    signal.addEventListener('abort', stop, { once: true });
    this.#waiting.push(entry);
    this.#move();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** A request that went out at `takenAt` was answered that the server is busy, for so many seconds if it said so. */
  busy(takenAt: number, seconds: number | null): void {
    const { clock, chance } = this.#options;
    this.#backoff = foundBusy(this.#backoff, { now: clock.now(), takenAt, seconds, chance: chance() });
  }

  /** Since when every answer was that it is busy; `null` when it is not. */
  get busySince(): number | null {
    return this.#backoff.failures > 0 ? this.#backoff.since : null;
  }

  /** One was answered properly. */
  well(takenAt: number): void {
    this.#backoff = foundWell(this.#backoff, takenAt);
  }

  /** This credential serves nobody any more. */
  drop(credentialId: string): void {
    this.#waiting = this.#waiting.map((entry) =>
      entry.candidates.some((one) => one.credentialId === credentialId)
        ? Object.assign(entry, { candidates: entry.candidates.filter((one) => one.credentialId !== credentialId) })
        : entry,
    );
    this.#move();
  }

  /** Lets out whoever can go, and sees to it that it looks again when the next one can. */
  #move(): void {
    const { buckets, clock } = this.#options;
    for (const entry of this.#waiting.filter(({ candidates }) => candidates.length === 0)) this.#fail(entry, nobodyLeft());
    for (;;) {
      const now = clock.now();
      if (this.#isBusyAt(now)) return;
      const open = this.#waiting.filter(({ purpose }) => this.#inside[purpose] < this.#options.atOnce[purpose]);
      const decision = decide(open, { bucketOf: (user) => buckets.of(user), now });
      if (decision.kind === 'wait') {
        for (const entry of open) this.#say(entry, now);
        return this.#lookAgainAt(decision.until, now);
      }
      this.#letOut(decision.want, decision.candidate, now);
    }
  }

  #isBusyAt(now: number): boolean {
    const { until } = this.#backoff;
    if (now >= until) return false;
    // Whoever comes meanwhile learns it at once, instead of waiting for the same refusal.
    if (pausesForLong(this.#backoff, now)) for (const entry of this.#waiting) this.#fail(entry, stillBusy(until, now));
    this.#lookAgainAt(this.#waiting.length > 0 ? until : Infinity, now);
    return true;
  }

  #letOut(entry: Entry, candidate: PoolCredential, now: number): void {
    this.#remove(entry);
    this.#inside[entry.purpose] += 1;
    this.#options.buckets.take(candidate.user, now, entry.share);
    this.#backoff = tried(this.#backoff, now);
    let inside = true;
    const leave = () => {
      if (!inside) return;
      inside = false;
      this.#inside[entry.purpose] -= 1;
      this.#move();
    };
    entry.go({ candidate, at: now, leave });
  }

  #say(entry: Entry, now: number): void {
    const { buckets } = this.#options;
    const choice = choose(entry, { bucketOf: (user) => buckets.of(user), now });
    if (choice.kind !== 'wait' || choice.until - now <= shortWait) return;
    if (choice.until - now > (entry.longest ?? Infinity)) return this.#fail(entry, throttled(choice.until));
    if (choice.until === entry.toldUntil) return;
    entry.toldUntil = choice.until;
    entry.onWait?.(choice.until);
  }

  #fail(entry: Entry, error: AppError): void {
    this.#remove(entry);
    entry.fail(error);
  }

  #remove(entry: Entry): void {
    this.#waiting = this.#waiting.filter((other) => other !== entry);
  }

  #lookAgainAt(until: number, now: number): void {
    if (this.#timer?.until === until) return;
    this.#timer?.stop.abort();
    this.#timer = undefined;
    if (until === Infinity) return;
    const timer = { until, stop: new AbortController() };
    this.#timer = timer;
    void this.#lookAgainAfter(timer, until - now);
  }

  async #lookAgainAfter(timer: Timer, milliseconds: number): Promise<void> {
    try {
      await this.#options.clock.sleep(Math.max(1, Math.ceil(milliseconds)), timer.stop.signal);
    } catch {
      return;
    }
    if (this.#timer === timer) this.#timer = undefined;
    this.#move();
  }
}

function stillBusy(until: number, now: number): AppError {
  return new AppError('server-busy', `Bitbucket asked for a pause until ${new Date(until).toISOString()}`, {
    remedy: 'wait until it has started or has less to do',
    facts: { retryAfterSeconds: Math.ceil((until - now) / 1000) },
  });
}

function throttled(until: number): AppError {
  return new AppError('throttled', `Bitbucket throttles every user until ${new Date(until).toISOString()}`, {
    remedy: 'wait; credentials of further users make it faster',
    facts: { until },
  });
}

function nobodyLeft(): AppError {
  return new AppError('not-covered', 'no credential is left that could serve this request', {
    remedy: 'add a credential to the project, or enable additional ones in the plan, and look at the health of those there are',
  });
}
