import type { RateLimit } from '../bitbucket/rate-limit.ts';
import { type Bucket, tokensLeft, usualBucket } from './choose.ts';

/** What is known of each user's bucket, in memory: a restart learns it again within a minute. Users are keys of `userKey`. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>();
  #turn = 0;

  of(user: string): Bucket {
    return this.#buckets.get(user) ?? usualBucket;
  }

  /** Takes one request out of the user's bucket. */
  take(user: string, now: number): void {
    const bucket = this.of(user);
    this.#turn += 1;
    // Below 0 when the guess of its size was too small; it still tells users apart.
    this.#buckets.set(user, { ...bucket, tokens: tokensLeft(bucket, now) - 1, at: now, turn: this.#turn });
  }

  /** The server refused this user until then: its bucket was empty. Answers whether that is news. */
  park(user: string, until: number, now: number): boolean {
    const bucket = this.of(user);
    const news = until > bucket.parkedUntil;
    // One that was said to be unlimited and is refused all the same is as unknown as any other.
    const size = Number.isFinite(bucket.capacity) ? bucket : { ...usualBucket, turn: bucket.turn };
    this.#buckets.set(user, { ...size, tokens: 0, at: now, parkedUntil: Math.max(until, bucket.parkedUntil) });
    return news;
  }

  /** Takes over what the server says of the user's limit. */
  learn(user: string, limit: RateLimit, now: number): void {
    const bucket = this.of(user);
    if (limit.kind === 'unknown') return;
    const capacity = limit.kind === 'unlimited' ? Infinity : limit.capacity;
    const fillRate = limit.kind === 'unlimited' ? 0 : limit.fillRate;
    const tokens = bucket.learned ? Math.min(capacity, tokensLeft(bucket, now)) : capacity;
    this.#buckets.set(user, { ...bucket, capacity, fillRate, learned: true, tokens, at: now });
  }

  /** Until when the user is refused; `null` when it is not. */
  parkedUntil(user: string, now: number): number | null {
    const { parkedUntil } = this.of(user);
    return parkedUntil > now ? parkedUntil : null;
  }
}
