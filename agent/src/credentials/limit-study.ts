/** At most `capacity` requests at once, `fillRate` more each second; both infinite where nothing limits. */
export interface Limit {
  readonly capacity: number;
  readonly fillRate: number;
}

/** Atlassian's example settings: what a user is taken to have of whom nothing is known. */
export const usualLimit: Limit = { capacity: 60, fillRate: 5 };
export const noLimit: Limit = { capacity: Infinity, fillRate: Infinity };

/** What is watched to find a user's limit where the server does not say it, or says it wrong. Times in milliseconds since 1970. */
export interface Study {
  /** The refusal since which requests are counted: then the bucket was empty. `null` when none are. */
  readonly since: number | null;
  /** Requests since then that were not refused. */
  readonly sent: number;
  readonly refusedAt: number | null;
  /** Since when the limit was left as it is and nothing was refused; `null` before the first request after that. */
  readonly steadyFrom: number | null;
  /** Whether more is being tried than was measured last. */
  readonly trying: boolean;
  /** Requests a second at the last measurement. */
  readonly measured: number | null;
  /** How long a measured limit is left alone, in milliseconds. */
  readonly patience: number;
}

const firstPatience = 15_000;
const usualPatience = 120_000;
const longestPatience = 32 * 60_000;

export const newStudy: Study = {
  since: null,
  sent: 0,
  refusedAt: null,
  steadyFrom: null,
  trying: true,
  measured: null,
  patience: usualPatience,
};

/** What comes of a study: its next state, and a limit if it found one. */
export interface Lesson {
  readonly study: Study;
  readonly found: Limit | null;
}

export interface Refusal {
  readonly now: number;
  /** When the refused request went out. */
  readonly takenAt: number;
  /** As `Retry-After` says. */
  readonly seconds: number;
  /** How much of the limit may be used. */
  readonly share: number;
  /** Believed until now. */
  readonly limit: Limit;
  /** Requests that went out at once, when more were thought to be left; `null` when none were. */
  readonly burst: number | null;
}

const enoughRequests = 30;
const enoughMilliseconds = 10_000;
/** After so long without a refusal the bucket may have been full, and what overflowed was not counted. */
const longestGap = 30_000;
/** A refusal for longer than this is no empty bucket's: it says nothing of its rate. */
const longestLessonSeconds = 30;
/** A measurement goes on from so many requests with what they say, a little faster: it must meet the limit again, but not run against it. */
const fewRequests = 5;
const faster = 1.25;
/** The bucket was empty a little before each refusal. */
const caution = 0.98;
/** How many seconds of its rate a bucket holds, in Atlassian's example. */
const secondsHeld = usualLimit.capacity / usualLimit.fillRate;

/** One request went out. */
export function counted(study: Study, now: number): Study {
  return { ...study, sent: study.sent + 1, steadyFrom: study.steadyFrom ?? now };
}

/**
 * What a refusal teaches. One in the middle of a burst: the bucket is smaller. One at a steady pace: the rate is smaller, and is measured: from
 * one empty bucket to the next, as many requests are accepted as came back.
 */
export function lessonOf(study: Study, { now, takenAt, seconds, share, limit, burst }: Refusal): Lesson {
  const sent = study.since !== null && takenAt > study.since ? study.sent - 1 : study.sent;
  // Sent before the last refusal came: the same empty bucket once more.
  if (study.refusedAt !== null && takenAt <= study.refusedAt) return { found: null, study: { ...study, sent } };
  const refused = { ...study, sent, refusedAt: now, steadyFrom: null };
  const fromHere = { ...refused, since: now, sent: 0 };
  if (seconds > longestLessonSeconds) return { found: null, study: { ...refused, since: null } };
  if (burst !== null) return { found: { ...limit, capacity: Math.max(1, burst) }, study: fromHere };
  if (study.since === null || study.refusedAt === null || now - study.refusedAt > longestGap) return { found: null, study: fromHere };
  const span = now - study.since;
  if (sent < 1 || (sent < enoughRequests && span < enoughMilliseconds)) {
    const pace = ((sent / span) * 1000 * faster) / share;
    return { found: sent < fewRequests || pace > limit.fillRate ? null : { ...limit, fillRate: pace }, study: refused };
  }
  const measured = (sent / span) * 1000 * caution;
  return {
    found: { fillRate: measured, capacity: Math.max(1, Math.min(limit.capacity, measured * secondsHeld)) },
    study: { ...fromHere, measured, trying: false, patience: nextPatience(study, measured) },
  };
}

/** Twice as long each time a measurement brings nothing new, so a limit that stays is seldom tried. */
function nextPatience({ measured: before, patience }: Study, measured: number): number {
  const asBefore = before !== null && measured > before * 0.75 && measured < before * 1.25;
  return asBefore ? Math.min(longestPatience, patience * 2) : usualPatience;
}

/** Whether the limit has gone well for long enough to try more. */
export function mayTryMore({ steadyFrom, trying, patience }: Study, now: number): boolean {
  return steadyFrom !== null && now - steadyFrom >= (trying ? firstPatience : patience);
}

/** Nobody sets a limit like this. */
const asGoodAsNone = 1000;

/** Twice the limit, for a while. */
export function tryMore(study: Study, { capacity, fillRate }: Limit, now: number): Lesson {
  const more = fillRate * 2 > asGoodAsNone ? noLimit : { capacity: capacity * 2, fillRate: fillRate * 2 };
  return { found: more, study: { ...study, steadyFrom: now, trying: true } };
}
