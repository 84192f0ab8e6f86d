import type { Finding } from '@gitprotect/shared/finding';
import { formatDuration } from '@gitprotect/shared/format';
import { ok, problem } from './finding.ts';

const minute = 60_000;
/** This program is younger. */
const earliest = Date.UTC(2026, 0, 1);
const remedy = 'set the clock of this machine, best by its time synchronisation: schedules, expiry and retention go by it';

/**
 * Whether the clock can be right, from what is known to lie in the past. Milliseconds since 1970.
 * @param last the newest thing this agent has recorded, `null` when there is none
 */
export function judgeClock(now: number, last: number | null): Finding {
  const shown = new Date(now).toISOString();
  if (now < earliest) return problem('clock', `the clock says ${shown}, which cannot be`, remedy);
  if (last !== null && last - now > minute) {
    return problem(
      'clock',
      `the clock says ${shown}, which is ${formatDuration(last - now)} before something this agent has already done`,
      remedy,
    );
  }
  return ok('clock', `it is ${shown}`);
}
