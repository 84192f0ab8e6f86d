import { formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import type { RunDetail } from '@gitprotect/shared/run';
import { hashOf } from '../../../routes.ts';
import { Button } from '../../../ui/parts/button.tsx';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { ErrorNote } from '../../../ui/parts/error-note.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { Note } from '../../../ui/parts/note.tsx';
import { LiveRun } from '../../../ui/runs/live-run.tsx';
import { valueOf } from '../../../ui/store/loadable.ts';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { moment } from '../../../ui/words/moment.ts';
import { countsText, pausedText, runWord, triggerWords } from '../../../ui/words/run-words.ts';
import { CredentialUse } from './credential-use.tsx';
import { JobTable } from './job-table.tsx';
import { Timeline } from './timeline.tsx';

/** One run: how far, who worked, and how each repo fared. */
export function RunPage({ id }: { id: string }) {
  const store = useStore();
  return (
    <>
      <nav aria-label="Breadcrumb">
        <a href="#/runs">← Runs</a>
      </nav>
      <Loaded from={store.run(id)}>{(run) => <RunFacts run={run} />}</Loaded>
    </>
  );
}

function RunFacts({ run }: { run: RunDetail }) {
  const store = useStore();
  const cancelling = useAction(async () => {
    await store.call('run.cancel', { id: run.id });
    await store.refresh('runs', 'plans', 'status');
    return 'Cancelled. What was saved stays.';
  });
  const started = Date.parse(run.startedAt);
  return (
    <div class="stack">
      <div class="page-head">
        <h1>
          {run.planName} <Lozenge {...runWord(run.state)} />
        </h1>
        <small>
          {moment(started, store.time.value)} · {triggerWords[run.trigger]}
          {run.endedAt !== null && ` · took ${formatDuration(Date.parse(run.endedAt) - started)}`}
        </small>
        {run.state === 'running' && (
          <Button busy={cancelling.busy} onClick={() => void cancelling.run()}>
            {cancelling.busy ? 'Cancelling…' : 'Cancel'}
          </Button>
        )}
      </div>
      <ActionResult action={cancelling} />
      <section class="card">
        {run.state === 'running' ? (
          <LiveRun run={run} />
        ) : (
          <p>
            {formatCount(run.repos, 'repository', 'repositories')}: {countsText(run) || 'none was reached'} · {formatBytes(run.bytes)} new ·{' '}
            {formatCount(run.requests, 'request')}
          </p>
        )}
        <Timeline run={run} />
      </section>
      {run.state === 'paused' && <Paused run={run} />}
      {run.continues !== undefined && (
        <p class="sub">
          It went on from <a href={hashOf({ page: 'runs', id: run.continues })}>the run that was paused</a>.
        </p>
      )}
      {run.notices !== undefined && (
        <Note tone="plain">
          <ul class="needs">
            {run.notices.map((notice) => (
              <li key={notice}>{notice}</li>
            ))}
          </ul>
        </Note>
      )}
      {run.problems.map((problem) => (
        <ErrorNote key={problem.message} error={problem} />
      ))}
      <CredentialUse run={run} />
      <JobTable run={run} />
    </div>
  );
}

/** What waits, and when it goes on. */
function Paused({ run }: { run: RunDetail }) {
  const store = useStore();
  const plan = valueOf(store.plans.current)?.find(({ id }) => id === run.planId);
  const next = plan?.lastRun?.id === run.id ? plan.nextDue : null;
  return (
    <Note tone="busy">
      <p>
        Its window is over. {pausedText(run)} Nothing is lost{' '}
        {next === null ? 'or done twice.' : `or done twice: it goes on by itself ${moment(Date.parse(next), store.time.value)}.`}
      </p>
    </Note>
  );
}
