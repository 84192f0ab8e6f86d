import type { Plan } from '@gitprotect/shared/plan';
import { windowState } from '@gitprotect/shared/window';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ActionResult } from '../parts/action-result.tsx';
import { Button } from '../parts/button.tsx';
import { valueOf } from '../store/loadable.ts';
import { useAction } from '../store/use-action.ts';
import { useStore } from '../store/use-store.ts';
import { LiveRun } from './live-run.tsx';
import { OutsideWindow } from './outside-window.tsx';

/** A plan's heading with *Run now*; while it runs, *Cancel* and how far it is. */
export function PlanRun({ plan, children }: { plan: Plan; children: ComponentChildren }) {
  const store = useStore();
  const [asking, setAsking] = useState(false);
  const starting = useAction(async (ignoreWindow: boolean) => {
    const run = await store.call('run.start', { planId: plan.id, ignoreWindow });
    await store.refresh('plans', 'runs', 'status');
    return run.state === 'running' ? undefined : 'Started.';
  });
  const cancelling = useAction(async (id: string) => {
    await store.call('run.cancel', { id });
    await store.refresh('plans', 'runs', 'status');
    return 'Cancelled. What was saved stays.';
  });
  const running = plan.running;
  useEffect(() => {
    // What was said of the run before says nothing of this one.
    if (running !== null) cancelling.clear();
  }, [running]);
  const start = () => {
    if (windowState(plan.window, store.time.value).open) void starting.run(false);
    else setAsking(true);
  };
  const run = running === null ? undefined : valueOf(store.runs.current)?.find(({ id }) => id === running);
  return (
    <>
      <div class="plan-head">
        <div class="grow">{children}</div>
        {running === null ? (
          <Button busy={starting.busy} onClick={start} label={`Run now: ${plan.name}`}>
            {starting.busy ? 'Starting…' : 'Run now'}
          </Button>
        ) : (
          <Button busy={cancelling.busy} onClick={() => void cancelling.run(running)} label={`Cancel the run of ${plan.name}`}>
            {cancelling.busy ? 'Cancelling…' : 'Cancel'}
          </Button>
        )}
      </div>
      {run !== undefined && <LiveRun run={run} />}
      {asking && <OutsideWindow plan={plan} start={() => starting.run(true)} onClose={() => setAsking(false)} />}
      <ActionResult action={starting} />
      <ActionResult action={cancelling} />
    </>
  );
}
