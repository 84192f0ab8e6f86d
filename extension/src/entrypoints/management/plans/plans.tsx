import { Empty } from '../../../ui/parts/empty.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { valueOf } from '../../../ui/store/loadable.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { EditPlan } from './edit-plan.tsx';
import { PlanItem } from './plan-item.tsx';

/** All plans; `#/plans/new` adds one, `#/plans/<id>` edits one. */
export function Plans({ id }: { id: string | undefined }) {
  const store = useStore();
  if (id !== undefined) return <EditPlan key={id} id={id} />;
  const projects = valueOf(store.projects.current) ?? [];
  return (
    <>
      <div class="page-head">
        <h1>Plans</h1>
        <a class="button primary" href="#/plans/new">
          Add plan
        </a>
      </div>
      <Loaded from={store.plans}>
        {(plans) =>
          plans.length === 0 ? (
            <Empty title="No plans yet">
              <p class="sub">A plan says what is backed up, when, how long it is kept, and with which accounts.</p>
              <a class="button primary" href="#/plans/new">
                Add plan
              </a>
            </Empty>
          ) : (
            plans.map((plan) => <PlanItem key={plan.id} plan={plan} projects={projects} />)
          )
        }
      </Loaded>
    </>
  );
}
