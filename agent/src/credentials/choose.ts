import { type Bucket, readyAt, tokensLeft } from './bucket.ts';

/** A credential that could serve a request. Tokens of one user name the same `user`. */
export interface PoolCredential {
  readonly credentialId: string;
  readonly user: string;
  readonly ownerSlug: string | null;
}

/** A request in the queue of its server. */
export interface Want {
  readonly candidates: readonly PoolCredential[];
  /** Of each user's limit it may use so much: 0.1–1. */
  readonly share: number;
}

/** `now` in milliseconds since 1970. */
export interface Known {
  readonly bucketOf: (user: string) => Bucket;
  readonly now: number;
}

export type Choice =
  | { readonly kind: 'lease'; readonly candidate: PoolCredential }
  /** Nobody now; somebody at `until`. */
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'none' };

/** So long a request leaves a user to those that have no other, in milliseconds. */
const yields = 2000;

interface Option {
  readonly candidate: PoolCredential;
  readonly left: number;
  readonly ready: number;
  readonly turn: number;
  /** Whether the user has one to spare beside what others wait for who have nobody else. */
  readonly spare: boolean;
}

/**
 * Picks who serves a request: of the users ready now the one with most requests left, of equals the one picked longest ago. So no user is run
 * down while another has spare. `alone`: how many waiting requests have only this user; those are not robbed of it by one that has others.
 * Which of a user's tokens carries the request makes no difference: the first.
 */
export function choose({ candidates, share }: Want, { bucketOf, now }: Known, alone: (user: string) => number = () => 0): Choice {
  const firstOfUser = new Map<string, PoolCredential>();
  for (const candidate of candidates) if (!firstOfUser.has(candidate.user)) firstOfUser.set(candidate.user, candidate);
  const options = [...firstOfUser.values()].map((candidate): Option => {
    const bucket = bucketOf(candidate.user);
    const left = Math.floor(tokensLeft(bucket, now, share));
    const promised = firstOfUser.size === 1 ? 0 : alone(candidate.user);
    const [ready, { turn }] = [readyAt(bucket, now, share), bucket];
    return { candidate, left: left - promised, ready, turn, spare: promised === 0 || left > promised };
  });
  if (options.length === 0) return { kind: 'none' };
  const ready = options.filter((option) => option.ready <= now);
  const spare = ready.filter((option) => option.spare);
  const soon = options.filter((option) => option.spare && option.ready > now && option.ready <= now + yields);
  if (spare.length === 0 && soon.length > 0) return { kind: 'wait', until: earliest(soon) };
  const [best] = (spare.length > 0 ? spare : ready).toSorted((a, b) => compare(b.left, a.left) || a.turn - b.turn);
  return best === undefined ? { kind: 'wait', until: earliest(options) } : { kind: 'lease', candidate: best.candidate };
}

/** Two that are unlimited are equal, which a difference would not say. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);

const earliest = (options: readonly Option[]): number => Math.min(...options.map(({ ready }) => ready));

export type Decision<W> =
  | { readonly kind: 'lend'; readonly want: W; readonly candidate: PoolCredential }
  | { readonly kind: 'wait'; readonly until: number };

/**
 * What is to be done for a server's queue now: lend to the first in it that can be served, or wait. `waiting` in order of arrival, only those for
 * which there is a place. First come, first served among those that the same users could serve.
 */
export function decide<W extends Want>(waiting: readonly W[], known: Known): Decision<W> {
  const alone = new Map<string, number>();
  for (const { candidates } of waiting) {
    const users = new Set(candidates.map(({ user }) => user));
    const [only] = users;
    if (only !== undefined && users.size === 1) alone.set(only, (alone.get(only) ?? 0) + 1);
  }
  let until = Infinity;
  for (const want of waiting) {
    const choice = choose(want, known, (user) => alone.get(user) ?? 0);
    if (choice.kind === 'lease') return { kind: 'lend', want, candidate: choice.candidate };
    if (choice.kind === 'wait') until = Math.min(until, choice.until);
  }
  return { kind: 'wait', until };
}
