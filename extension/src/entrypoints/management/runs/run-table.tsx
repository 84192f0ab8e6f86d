import { formatBytes, formatDuration } from '@gitprotect/shared/format';
import type { Run } from '@gitprotect/shared/run';
import { hashOf } from '../../../routes.ts';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { moment } from '../../../ui/words/moment.ts';
import { countsText, progressText, runWord, triggerWords } from '../../../ui/words/run-words.ts';

/** Runs as rows; each leads to its own page. */
export function RunTable({ runs }: { runs: readonly Run[] }) {
  const now = useStore().time.value;
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">Started</th>
            <th scope="col">Plan</th>
            <th scope="col">Outcome</th>
            <th scope="col">Repositories</th>
            <th scope="col" class="figure">
              New
            </th>
            <th scope="col" class="figure">
              Time
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => {
            const started = Date.parse(run.startedAt);
            const ended = run.endedAt === null ? now : Date.parse(run.endedAt);
            return (
              <tr key={run.id}>
                <th scope="row" class="nowrap">
                  <a href={hashOf({ page: 'runs', id: run.id })}>{moment(started, now)}</a>
                </th>
                <td data-label="Plan">
                  {run.planName} <small class="below">{triggerWords[run.trigger]}</small>
                </td>
                <td data-label="Outcome">
                  <Lozenge {...runWord(run.state)} />
                </td>
                <td data-label="Repositories">
                  {run.state === 'running' ? progressText({ ...run, bytes: 0 }) : countsText(run) || 'none'}
                </td>
                <td class="figure" data-label="New">
                  {run.bytes > 0 ? formatBytes(run.bytes) : '–'}
                </td>
                <td class="figure" data-label="Time">
                  {formatDuration(Math.max(0, ended - started))}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
