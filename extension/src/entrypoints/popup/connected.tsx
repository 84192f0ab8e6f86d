import { Warnings } from '../../ui/agent/warnings.tsx';
import { Needs } from '../../ui/agent/needs.tsx';
import { Empty } from '../../ui/parts/empty.tsx';
import { Loaded } from '../../ui/parts/loaded.tsx';
import { valueOf } from '../../ui/store/loadable.ts';
import { useStore } from '../../ui/store/use-store.ts';
import { managementLink } from './management-link.ts';
import { PlanCard } from './plan-card.tsx';

/** What needs a person, and every plan. */
export function Connected() {
  const store = useStore();
  const status = valueOf(store.status.current);
  return (
    <>
      {status !== undefined && <Needs needs={status.needs} linkTo={managementLink} />}
      {status !== undefined && <Warnings status={status} />}
      <Loaded from={store.plans}>
        {(plans) =>
          plans.length === 0 ? (
            <NoPlans projects={status?.counts.projects ?? 0} />
          ) : (
            plans.map((plan) => <PlanCard key={plan.id} plan={plan} />)
          )
        }
      </Loaded>
    </>
  );
}

function NoPlans({ projects }: { projects: number }) {
  return projects === 0 ? (
    <Empty title="No projects yet">
      <p>Say which Bitbucket projects to back up.</p>
      <a class="button primary" href={managementLink('bitbucket/new')} target="_blank">
        Add project
      </a>
    </Empty>
  ) : (
    <Empty title="No plans yet">
      <p>A plan says what is backed up, when, and how long it is kept.</p>
      <a class="button primary" href={managementLink('plans/new')} target="_blank">
        Add plan
      </a>
    </Empty>
  );
}
