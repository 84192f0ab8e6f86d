import { hashOf } from '../../../routes.ts';
import { LiveRun } from '../../../ui/runs/live-run.tsx';
import { valueOf } from '../../../ui/store/loadable.ts';
import { useStore } from '../../../ui/store/use-store.ts';

/** Runs on their way. */
export function GoingOn() {
  const running = (valueOf(useStore().runs.current) ?? []).filter(({ state }) => state === 'running');
  return (
    <>
      {running.map((run) => (
        <section key={run.id} class="card" aria-label={`${run.planName} is running`}>
          <div class="row">
            <h2 class="grow">{run.planName} is running</h2>
            <a href={hashOf({ page: 'runs', id: run.id })}>See its repositories</a>
          </div>
          <LiveRun run={run} />
        </section>
      ))}
    </>
  );
}
