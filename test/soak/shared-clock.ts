import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { MovingClock } from '../moving-clock.ts';

/**
 * A clock of several processes: what time it is stands in a file, which one of them moves. Whoever sleeps goes ahead of it by as much, by itself alone: as clocks of
 * two machines do.
 */
export function sharedClock(file: string): MovingClock {
  let ahead = 0;
  const read = (): number => Number(readFileSync(file, 'utf8'));
  return {
    now: () => read() + ahead,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      // Something else may be waited for that needs this process.
      await new Promise((resolve) => setImmediate(resolve));
      ahead += milliseconds;
    },
    move: (milliseconds) => setClock(file, read() + milliseconds),
  };
}

/** Sets it, for all at once. */
export function setClock(file: string, now: number): void {
  writeFileSync(`${file}.new`, String(now));
  renameSync(`${file}.new`, file);
}
