/** How a server that says it is busy (503) is spared. Times in milliseconds since 1970. */
export interface Backoff {
  /** Times in a row that it was found busy. */
  readonly failures: number;
  /** When it was found so first. */
  readonly since: number;
  /** When it was found so last. */
  readonly busyAt: number;
  /** Nothing is asked before; 0 when it is not spared. */
  readonly until: number;
}

export const notBusy: Backoff = { failures: 0, since: 0, busyAt: 0, until: 0 };

/** A request is given up when the server is busy for longer, in milliseconds. */
export const longestBusy = 300_000;
const firstWait = 1000;
const longestWait = 60_000;
/** Then each that comes is tried once, after so long: whoever has to be told that nothing comes of it should not wait for it. */
const givenUpWait = 5000;
/** Whoever asks first after a pause asks alone, until it is answered, or for so long: a fetch takes its time. */
const alone = 10_000;

/** A request that went out at `takenAt` was answered at `now` that the server is busy. `seconds`: its `Retry-After`; `chance` in [0, 1). */
export function foundBusy(
  before: Backoff,
  { now, takenAt, seconds, chance }: { now: number; takenAt: number; seconds: number | null; chance: number },
): Backoff {
  const asked = now + (seconds ?? 0) * 1000;
  // It went out before the last such answer came: that is the same trouble.
  if (before.failures > 0 && takenAt <= before.busyAt) return { ...before, until: Math.max(before.until, asked) };
  const failures = before.failures + 1;
  const since = before.failures === 0 ? now : before.since;
  const longest = now - since > longestBusy ? givenUpWait : longestWait;
  const wait = Math.min(longest, firstWait * 2 ** (failures - 1)) * (0.5 + chance / 2);
  return { failures, since, busyAt: now, until: Math.max(asked, now + wait) };
}

/** A request goes out. */
export function tried(before: Backoff, now: number): Backoff {
  return before.failures === 0 ? before : { ...before, until: now + alone };
}

/** A request that went out at `takenAt` was answered properly. */
export function foundWell(before: Backoff, takenAt: number): Backoff {
  return takenAt > before.busyAt ? notBusy : before;
}

/** Whether it asked for a pause that makes no sense to wait for. */
export function pausesForLong({ until }: Backoff, now: number): boolean {
  return until - now > longestBusy;
}
