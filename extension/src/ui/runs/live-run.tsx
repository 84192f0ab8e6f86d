import type { Run } from '@gitprotect/shared/run';
import { formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import { ProgressBar } from '../parts/progress-bar.tsx';
import { useStore } from '../store/use-store.ts';
import { clockTime } from '../words/moment.ts';
import { endedCount, progressText, timeLeft } from '../words/run-words.ts';
import { throttledUsers } from './throttled-users.ts';

/** A run on its way: bar, figures, the repo it is at, and who is throttled. */
export function LiveRun({ run }: { run: Run }) {
  const store = useStore();
  const now = store.time.value;
  const active = store.active.value.get(run.id) ?? [];
  const left = timeLeft(run, now);
  const waiting = active.flatMap(({ outcome }) => (outcome?.state === 'throttled' ? [Date.parse(outcome.until)] : []));
  const newest = active.findLast(({ outcome }) => outcome === null);
  const detail = store.run(run.id).current;
  const throttled = detail.state === 'ready' ? throttledUsers(detail.value.throttles, now) : [];
  return (
    <div class="live">
      <ProgressBar done={endedCount(run)} of={run.repos} label={`Progress of ${run.planName}`} />
      <p class="figures" role="status">
        {progressText(run)}
        {left !== null && ` · about ${formatDuration(left)} left`}
        {run.counts.failed > 0 && <b class="bad-text"> · {run.counts.failed} failed</b>}
      </p>
      {newest !== undefined && (
        <p class="sub clip">
          {newest.projectKey}/{newest.slug}
          {newest.received > 0 && ` · ${formatBytes(newest.received)}`}
          {active.length - waiting.length > 1 && ` · and ${active.length - waiting.length - 1} more at once`}
        </p>
      )}
      {waiting.length > 0 && (
        <p class="sub warn-text">
          {formatCount(waiting.length, 'repository waits', 'repositories wait')}: every user is throttled. It goes on by itself at{' '}
          {clockTime(Math.min(...waiting))}.
        </p>
      )}
      {throttled.length > 0 && (
        <p class="sub warn-text">
          Throttled by Bitbucket: {throttled.map(({ user, left }) => `${user} for ${formatDuration(left)}`).join(', ')}
        </p>
      )}
    </div>
  );
}
