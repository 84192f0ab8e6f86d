import { Empty } from '../../../ui/parts/empty.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { draftOf, newDraft } from './plan-draft.ts';
import { PlanForecast } from './plan-forecast.tsx';
import { PlanPanel } from './plan-panel.tsx';

/** *Add plan* or *Edit plan*. */
export function EditPlan({ id }: { id: string }) {
  const store = useStore();
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <>
      <nav aria-label="Breadcrumb">
        <a href="#/plans">← Plans</a>
      </nav>
      <Loaded from={store.plans}>
        {(plans) => {
          if (id === 'new') return <PlanPanel plan={null} start={newDraft(here)} />;
          const plan = plans.find((one) => one.id === id);
          return plan === undefined ? (
            <Empty title="This plan is not here">
              <p class="sub">It was removed, or the link is old.</p>
              <a href="#/plans">See all plans</a>
            </Empty>
          ) : (
            <>
              <PlanPanel plan={plan} start={draftOf(plan, here)} />
              <PlanForecast planId={plan.id} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}
