import { formatCount, formatDuration } from '@gitprotect/shared/format';
import type { RunDetail } from '@gitprotect/shared/run';
import { clockTime } from '../../../ui/words/moment.ts';
import { userIn } from './lanes.ts';

/** Rows drawn: a run that is throttled every few seconds has thousands. */
const most = 200;

/** When Bitbucket refused whom, as a table: what the picture says to those who cannot see it, to the second. */
export function ThrottleTable({ run }: { run: RunDetail }) {
  const rows = [
    ...run.throttles.map(({ credentialId, ownerSlug, from, until }) => ({
      from,
      until,
      what: `${ownerSlug ?? userIn(run, credentialId)} throttled`,
    })),
    ...run.waits.map(({ from, until }) => ({ from, until, what: 'waiting: all users of a repository throttled' })),
  ].toSorted((one, other) => one.from.localeCompare(other.from));
  if (rows.length === 0) return null;
  return (
    <details>
      <summary>{formatCount(rows.length, 'stretch', 'stretches')} of throttling as a table</summary>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Until</th>
              <th scope="col" class="figure">
                For
              </th>
              <th scope="col">What</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map(({ from, until, what }) => (
              <tr key={`${from} ${what}`}>
                <th scope="row">
                  <time dateTime={from}>{seconds(from)}</time>
                </th>
                <td data-label="Until">
                  <time dateTime={until}>{seconds(until)}</time>
                </td>
                <td class="figure" data-label="For">
                  {formatDuration(Date.parse(until) - Date.parse(from))}
                </td>
                <td data-label="What">{what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > most && (
        <small>
          The first {most}. All: npx gitprotect-agent runs {run.id} --json
        </small>
      )}
    </details>
  );
}

/** `02:00:07`. */
function seconds(time: string): string {
  return `${clockTime(Date.parse(time))}:${time.slice(17, 19)}`;
}
