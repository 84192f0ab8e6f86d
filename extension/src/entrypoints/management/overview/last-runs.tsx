import type { Run } from '@gitprotect/shared/run';
import { RunTable } from '../runs/run-table.tsx';

const shown = 5;

/** The newest runs. */
export function LastRuns({ runs }: { runs: readonly Run[] }) {
  return (
    <section class="card">
      <div class="row">
        <h2 class="grow">Last runs</h2>
        <a href="#/runs">All runs</a>
      </div>
      <RunTable runs={runs.slice(0, shown)} />
    </section>
  );
}
