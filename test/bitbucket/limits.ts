import type { Clock } from '@gitprotect/agent/lib/clock';
import type { User } from './model.ts';

/** A token bucket: at most `capacity` requests at once, `fillRate` more each second. */
export interface BucketSettings {
  capacity: number;
  fillRate: number;
}

export type UserLimit = { readonly settings: BucketSettings } | { readonly whitelisted: true };

export interface LimitOptions {
  enabled?: boolean;
  capacity?: number;
  fillRate?: number;
  /** Cluster nodes: each has buckets of its own, and requests go round. */
  nodes?: number;
}

/** Rate limiting of the Data Center kind: a bucket for each user (not token) on each node, off until an admin turns it on. */
export class RateLimits {
  enabled: boolean;
  readonly defaults: BucketSettings;
  readonly overrides = new Map<User, UserLimit>();
  /** How often each user was refused, for the history endpoint. */
  readonly refusals = new Map<User, { count: number; last: number }>();
  readonly #nodes: number;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  #turn = 0;

  constructor(clock: Clock, options: LimitOptions = {}) {
    this.#clock = clock;
    this.enabled = options.enabled ?? false;
    this.defaults = { capacity: options.capacity ?? 60, fillRate: options.fillRate ?? 5 };
    this.#nodes = options.nodes ?? 1;
  }

  settingsOf(user: User): BucketSettings | 'whitelisted' {
    const override = this.overrides.get(user);
    if (override === undefined) return this.defaults;
    return 'settings' in override ? override.settings : 'whitelisted';
  }

  /** The node the load balancer gives the next request to, whosever it is. */
  nextNode(): number {
    this.#turn += 1;
    return this.#turn % this.#nodes;
  }

  /** Takes one token of `user`'s bucket on a node. Returns seconds to wait when there is none, undefined when the request may go on. */
  take(user: User, node: number): number | undefined {
    const settings = this.settingsOf(user);
    if (!this.enabled || settings === 'whitelisted') return undefined;
    const bucket = this.#bucket(user, node, settings);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return undefined;
    }
    this.refusals.set(user, { count: (this.refusals.get(user)?.count ?? 0) + 1, last: this.#clock.now() });
    return Math.max(1, Math.ceil((1 - bucket.tokens) / settings.fillRate));
  }

  /** Tokens left in the user's bucket on the first node. */
  left(user: User): number {
    const settings = this.settingsOf(user);
    return settings === 'whitelisted' ? Infinity : this.#bucket(user, 0, settings).tokens;
  }

  #bucket(user: User, node: number, settings: BucketSettings): { tokens: number; at: number } {
    const key = `${node} ${user.id}`;
    const now = this.#clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: settings.capacity, at: now };
    this.#buckets.set(key, bucket);
    bucket.tokens = Math.min(settings.capacity, bucket.tokens + ((now - bucket.at) / 1000) * settings.fillRate);
    bucket.at = now;
    return bucket;
  }
}
