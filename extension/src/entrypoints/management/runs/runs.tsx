import { useState } from 'preact/hooks';
import { Empty } from '../../../ui/parts/empty.tsx';
import { Field } from '../../../ui/parts/field.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { runsShown } from '../../../ui/store/store.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { RunPage } from './run-page.tsx';
import { RunTable } from './run-table.tsx';
import { type RunVerdict, fits, verdicts } from './run-filter.ts';

/** Runs, newest first; `#/runs/<id>` is one of them. */
export function Runs({ id }: { id: string | undefined }) {
  const store = useStore();
  const [plan, setPlan] = useState('');
  const [verdict, setVerdict] = useState<RunVerdict>('all');
  if (id !== undefined) return <RunPage key={id} id={id} />;
  return (
    <>
      <div class="page-head">
        <h1>Runs</h1>
      </div>
      <Loaded from={store.runs}>
        {(runs) => {
          if (runs.length === 0) {
            return (
              <Empty title="Nothing has run yet">
                <p class="sub">A plan runs on its schedule, or at once with Run now.</p>
                <a href="#/plans">See plans</a>
              </Empty>
            );
          }
          const plans = [...new Map(runs.map(({ planId, planName }) => [planId, planName]))];
          const shown = runs.filter((run) => (plan === '' || run.planId === plan) && fits(run, verdict));
          return (
            <section class="card">
              <div class="fields">
                <Field label="Plan">
                  {(ids) => (
                    <select {...ids} value={plan} onChange={(event) => setPlan(event.currentTarget.value)}>
                      <option value="">all plans</option>
                      {plans.map(([planId, name]) => (
                        <option key={planId} value={planId}>
                          {name}
                        </option>
                      ))}
                    </select>
                  )}
                </Field>
                <Field label="Outcome">
                  {(ids) => (
                    <select
                      {...ids}
                      value={verdict}
                      onChange={({ currentTarget: { value } }) => setVerdict(verdicts.find((one) => one === value) ?? 'all')}
                    >
                      {verdicts.map((one) => (
                        <option key={one}>{one}</option>
                      ))}
                    </select>
                  )}
                </Field>
              </div>
              {shown.length === 0 ? <p class="quiet-note">No run is like that.</p> : <RunTable runs={shown} />}
              {runs.length >= runsShown && <small>The newest {runsShown} runs. Older ones: npx gitprotect-agent runs</small>}
            </section>
          );
        }}
      </Loaded>
    </>
  );
}
