import { formatCount, formatDuration } from '@gitprotect/shared/format';
import type { RunDetail } from '@gitprotect/shared/run';
import { table } from './terminal.ts';

/** Throttled stretches printed; `--json` has all of them. */
const most = 10;

/** Who made a run's requests, when Bitbucket refused them, and when everything waited. */
export function serviceLines(run: RunDetail): string[] {
  if (run.credentials.length === 0) return [];
  const rows = run.credentials.map(({ name, ownerSlug, credentialId, requests }) => {
    const mine = run.throttles.filter((one) => (ownerSlug === null ? one.credentialId === credentialId : one.ownerSlug === ownerSlug));
    return [name, ownerSlug, requests, mine.length === 0 ? 'never' : formatCount(mine.length, 'time')];
  });
  return [table(['CREDENTIAL', 'USER', 'REQUESTS', 'USER THROTTLED'], rows, ''), ...stretchLines(run), ''];
}

function stretchLines({ throttles, waits }: RunDetail): string[] {
  const stretches = [
    ...throttles.map(({ from, until, ownerSlug, credentialId }) => ({ from, until, what: `${ownerSlug ?? credentialId} throttled` })),
    ...waits.map(({ from, until }) => ({ from, until, what: 'waiting: all users of a repository throttled' })),
  ].toSorted((one, other) => one.from.localeCompare(other.from));
  const lines = stretches
    .slice(0, most)
    .map(
      ({ from, until, what }) =>
        `  ${from.slice(11, 19)}–${until.slice(11, 19)} UTC ${what} (${formatDuration(Date.parse(until) - Date.parse(from))})`,
    );
  return stretches.length > most ? [...lines, `  and ${stretches.length - most} more: --json has all of them`] : lines;
}
