import type { Clock } from '@gitprotect/agent/lib/clock';

/** Whoever sleeps moves it: waits cost no time, and all sides agree on what time it is. */
export interface MovingClock extends Clock {
  move(milliseconds: number): void;
}

/** @param start milliseconds since 1970 */
export function movingClock(start = Date.parse('2026-03-01T00:00:00Z')): MovingClock {
  let now = start;
  return {
    now: () => now,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      now += milliseconds;
    },
    move: (milliseconds) => {
      now += milliseconds;
    },
  };
}
