import type { RateLimit } from '../bitbucket/rate-limit.ts';
import { type Bucket, limitOf, newBucket, refuse, take, tell, usualShare } from './bucket.ts';
import { answeredBy, nodeOf, nodesIn, type Nodes } from './nodes.ts';

/** What is believed of each user's bucket, in memory. Users are keys of `userKey`. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #nodes = new Map<string, Nodes>();
  #turn = 0;

  of(user: string): Bucket {
    return this.#buckets.get(user) ?? newBucket;
  }

  /** Takes one request out of the user's bucket. */
  take(user: string, now: number, share: number): void {
    this.#turn += 1;
    this.#buckets.set(user, take(this.of(user), { now, share, turn: this.#turn }));
  }

  /** Requests that somebody had made as this user outside of the pool: a test, a look. They count all the same. */
  spent(user: string, requests: number, now: number): void {
    for (let n = 0; n < requests; n += 1) this.take(user, now, usualShare);
  }

  /** The server refused this user. Answers until when it is parked, if that is news. */
  refuse(user: string, refusal: Parameters<typeof refuse>[1]): number | null {
    const before = this.of(user);
    const after = refuse(before, refusal);
    this.#buckets.set(user, after);
    return after.parkedUntil > before.parkedUntil ? after.parkedUntil : null;
  }

  /** Takes over what the server says of the user's limit. */
  learn(user: string, limit: RateLimit, now: number): void {
    this.#buckets.set(user, tell(this.of(user), limit, now));
  }

  /** An answer to this user came with this `X-AREQUESTID`. */
  answered(user: string, requestId: string | undefined): void {
    const node = nodeOf(requestId);
    if (node === null) return;
    const nodes = answeredBy(this.#nodes.get(user) ?? new Map(), node);
    this.#nodes.set(user, nodes);
    this.#buckets.set(user, { ...this.of(user), nodes: nodesIn(nodes) });
  }

  /** The user is called otherwise now. */
  rename(from: string, to: string): void {
    moveKey(this.#buckets, from, to);
    moveKey(this.#nodes, from, to);
  }

  /** Requests a second that the server lets this user make; `null` where it does not limit them, `undefined` while nobody knows. */
  limitOf(user: string): number | null | undefined {
    const bucket = this.of(user);
    if (bucket.told.kind === 'unknown' && bucket.found === null) return undefined;
    const { fillRate } = limitOf(bucket);
    return Number.isFinite(fillRate) ? fillRate : null;
  }

  /** Until when the user is refused; `null` when it is not. */
  parkedUntil(user: string, now: number): number | null {
    const { parkedUntil } = this.of(user);
    return parkedUntil > now ? parkedUntil : null;
  }
}

function moveKey<T>(map: Map<string, T>, from: string, to: string): void {
  const value = map.get(from);
  map.delete(from);
  if (value !== undefined) map.set(to, value);
}
