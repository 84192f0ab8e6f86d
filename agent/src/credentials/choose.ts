/** The bucket of one user: how many requests the server lets through now, as far as we know. Times in milliseconds since 1970. */
export interface Bucket {
  readonly capacity: number;
  /** Requests a second that come back. */
  readonly fillRate: number;
  /** Whether the server told us these two; else they are Atlassian's example and only good for comparing users. */
  readonly learned: boolean;
  readonly tokens: number;
  /** When `tokens` was right. */
  readonly at: number;
  /** Refused until then; 0 when it never was. */
  readonly parkedUntil: number;
  /** Counts up over all users: who was picked longest ago. */
  readonly turn: number;
}

/** A credential that could serve a request. Tokens of one user name the same `user`. */
export interface Candidate {
  readonly credentialId: string;
  readonly user: string;
}

export type Choice =
  | { readonly kind: 'lease'; readonly candidate: Candidate }
  /** All users are parked or empty; the first is back at `until`. */
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'none' };

/** Atlassian's example settings, until a server tells or a refusal teaches better. */
export const usualBucket: Bucket = { capacity: 60, fillRate: 5, learned: false, tokens: 60, at: 0, parkedUntil: 0, turn: 0 };

/** Requests that this user has left at `now`. */
export function tokensLeft({ tokens, at, capacity, fillRate }: Bucket, now: number): number {
  return Math.min(capacity, tokens + (Math.max(0, now - at) / 1000) * fillRate);
}

/** When this user may be asked next; `now` or earlier when at once. */
export function readyAt(bucket: Bucket, now: number): number {
  const left = tokensLeft(bucket, now);
  if (!bucket.learned || left >= 1 || bucket.fillRate === 0) return bucket.parkedUntil;
  // A clock set back leaves `at` in the future; nothing comes back before it.
  return Math.max(bucket.parkedUntil, Math.max(now, bucket.at) + ((1 - left) / bucket.fillRate) * 1000);
}

/**
 * Picks who serves the next request: of the users ready now the one with most requests left, of equals the one picked longest ago.
 * So no user is run down while another has spare. Which of a user's tokens carries it makes no difference: the first.
 */
export function choose(candidates: readonly Candidate[], bucketOf: (user: string) => Bucket, now: number): Choice {
  const firstOfUser = new Map<string, Candidate>();
  for (const candidate of candidates) if (!firstOfUser.has(candidate.user)) firstOfUser.set(candidate.user, candidate);
  let best: { candidate: Candidate; left: number; turn: number } | undefined;
  let until = Infinity;
  for (const candidate of firstOfUser.values()) {
    const bucket = bucketOf(candidate.user);
    const ready = readyAt(bucket, now);
    if (ready > now) {
      until = Math.min(until, ready);
      continue;
    }
    const left = Math.floor(tokensLeft(bucket, now));
    if (best === undefined || left > best.left || (left === best.left && bucket.turn < best.turn))
      best = { candidate, left, turn: bucket.turn };
  }
  if (best !== undefined) return { kind: 'lease', candidate: best.candidate };
  return Number.isFinite(until) ? { kind: 'wait', until: Math.ceil(until) } : { kind: 'none' };
}
