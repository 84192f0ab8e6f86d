import type { RateLimit } from '../bitbucket/rate-limit.ts';
import { counted, lessonOf, mayTryMore, newStudy, noLimit, tryMore, usualLimit, type Limit, type Study } from './limit-study.ts';

/**
 * What is believed of one user's bucket of requests: what the server says of it, as long as its refusals do not teach otherwise.
 * Times in milliseconds since 1970.
 */
export interface Bucket {
  /** What the server says of this user; for one node of a cluster. */
  readonly told: RateLimit;
  /** When the server was asked for it last; -Infinity when never. */
  readonly toldAt: number;
  /** How many nodes carry this user's requests, each with a bucket of its own. */
  readonly nodes: number;
  /** What refusals and their absence taught; `null` when nothing did. */
  readonly found: Limit | null;
  readonly study: Study;
  /** Requests left of our share. */
  readonly tokens: number;
  /** When `tokens` was right. */
  readonly at: number;
  /** Refused until then; 0 when it never was. */
  readonly parkedUntil: number;
  /** Counts up over all users: who was picked longest ago. */
  readonly turn: number;
}

export const newBucket: Bucket = {
  told: { kind: 'unknown' },
  toldAt: -Infinity,
  nodes: 1,
  found: null,
  study: newStudy,
  tokens: Infinity,
  at: 0,
  parkedUntil: 0,
  turn: 0,
};

/** How much of a user's limit is used where nobody says otherwise: so that people keep working while a backup runs. */
export const usualShare = 0.8;

/** The most this user can have, by the server's word. */
function mostOf({ told, nodes }: Pick<Bucket, 'told' | 'nodes'>): Limit {
  if (told.kind !== 'limited') return noLimit;
  return { capacity: told.capacity * nodes, fillRate: Math.max(slowest, told.fillRate * nodes) };
}

/** A bucket that never fills again would make its user wait for ever. */
const slowest = 0.01;

/** The limit this user is taken to have. */
export function limitOf(bucket: Pick<Bucket, 'told' | 'nodes' | 'found'>): Limit {
  const most = mostOf(bucket);
  const { found, told } = bucket;
  if (found === null) return told.kind === 'unknown' ? usualLimit : most;
  return { capacity: Math.min(found.capacity, most.capacity), fillRate: Math.min(found.fillRate, most.fillRate) };
}

/** Requests left at `now` to whoever may use `share` (0.1–1) of the user's limit. Below 0 when somebody was allowed more. */
export function tokensLeft(bucket: Bucket, now: number, share: number): number {
  const { capacity, fillRate } = limitOf(bucket);
  if (fillRate === Infinity) return Infinity;
  const back = (Math.max(0, now - bucket.at) / 1000) * fillRate * share;
  return Math.min(Math.max(1, capacity * share), bucket.tokens + back);
}

/**
 * Requests that must be left for one to go out: half a one more where the bucket holds that, as one that is delayed on its way arrives together
 * with the next. It costs no pace, and without it every fiftieth is refused where all of a limit is used.
 */
function needed(bucket: Bucket, share: number): number {
  return 1 + Math.min(0.5, Math.max(0, limitOf(bucket).capacity * share - 1));
}

/** When this user may be asked next; `now` or earlier when at once, infinite when never. */
export function readyAt(bucket: Bucket, now: number, share: number): number {
  const missing = needed(bucket, share) - tokensLeft(bucket, now, share);
  if (missing <= 0) return bucket.parkedUntil;
  // A clock set back leaves `at` in the future; nothing comes back before it.
  const back = Math.max(now, bucket.at) + (missing / (limitOf(bucket).fillRate * share)) * 1000;
  return Math.max(bucket.parkedUntil, Math.ceil(back));
}

/** One request goes out; `turn` is its number. */
export function take(bucket: Bucket, { now, share, turn }: { now: number; share: number; turn: number }): Bucket {
  const tokens = tokensLeft(bucket, now, share) - 1;
  const study = counted(bucket.study, now);
  const taken = { ...bucket, tokens, at: now, turn, study };
  // Not being refused says something only of those whom the limit holds back.
  const limit = limitOf(bucket);
  if (tokens >= 1 || (bucket.told.kind === 'limited' && bucket.found === null) || !mayTryMore(study, now)) return taken;
  const more = tryMore(study, limit, now);
  const most = mostOf(bucket);
  const reached =
    more.found !== null && bucket.told.kind !== 'unknown' && more.found.fillRate >= most.fillRate && more.found.capacity >= most.capacity;
  return { ...taken, study: more.study, found: reached ? null : more.found };
}

/** What is measured so near to the server's word says the same, or more. */
const near = 0.85;

/** A refusal parks the user, and teaches. `takenAt`: when the refused request went out; `seconds`: as `Retry-After` says. */
export function refuse(bucket: Bucket, refusal: { now: number; takenAt: number; seconds: number; share: number }): Bucket {
  const { now, seconds, share } = refusal;
  const left = tokensLeft(bucket, now, share);
  const unlimited = left === Infinity;
  // Where nothing was thought to limit, the usual is the next guess.
  const limit = unlimited ? usualLimit : limitOf(bucket);
  const burst = unlimited || left < needed(bucket, share) ? null : Math.max(1, limit.capacity * share) - left;
  const { found: lesson, study } = lessonOf(bucket.study, { ...refusal, limit, burst });
  // So near to what the server says, it is the server's word that is right.
  const found = lesson !== null && burst === null && lesson.fillRate >= mostOf(bucket).fillRate * near ? bucket.found : lesson;
  return {
    ...bucket,
    study,
    found: found ?? (unlimited ? usualLimit : bucket.found),
    tokens: Math.min(0, left),
    at: now,
    parkedUntil: Math.max(now + Math.max(1, seconds) * 1000, bucket.parkedUntil),
    toldAt: Math.min(bucket.toldAt, now - askedAgain + askedAgainAfterRefusal),
  };
}

/** How long the server's word is taken, in milliseconds: an administrator may change the limits at any time. */
const askedAgain = 300_000;
/** And when it refuses somebody. */
const askedAgainAfterRefusal = 5000;

/** Whether it is time to ask the server what it allows this user. */
export function isStale({ toldAt }: Bucket, now: number): boolean {
  return now - toldAt >= askedAgain;
}

/** Takes over what the server says. News count more than what refusals taught before. */
export function tell(bucket: Bucket, told: RateLimit, now: number): Bucket {
  const same = JSON.stringify(told) === JSON.stringify(bucket.told);
  if (same || told.kind === 'unknown') return { ...bucket, toldAt: now };
  return { ...bucket, told, toldAt: now, found: null, study: newStudy };
}
