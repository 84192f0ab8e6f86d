import { Warnings } from '../../../ui/agent/warnings.tsx';
import { Needs } from '../../../ui/agent/needs.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { valueOf } from '../../../ui/store/loadable.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { FirstSteps } from './first-steps.tsx';
import { GoingOn } from './going-on.tsx';
import { LastRuns } from './last-runs.tsx';
import { SafetyList } from './safety-list.tsx';

/** Whether everything is safe, and what to do where it is not. */
export function Overview() {
  const store = useStore();
  const connected = store.connection.value?.state === 'connected';
  const [servers, projects, credentials, plans, runs] = [
    valueOf(store.servers.current),
    valueOf(store.projects.current),
    valueOf(store.credentials.current),
    valueOf(store.plans.current),
    valueOf(store.runs.current),
  ];
  const unpaired = store.connection.value?.state === 'unpaired';
  const known = servers && projects && credentials && plans && runs;
  return (
    <>
      <div class="page-head">
        <h1>Overview</h1>
      </div>
      {unpaired ? (
        <FirstSteps progress={{ paired: false, servers: [], projects: [], credentials: [], plans: [], runs: [] }} />
      ) : (
        <>
          <Loaded from={store.status}>
            {(status) => (
              <>
                <Needs needs={status.needs} linkTo={(route) => `#/${route}`} />
                <Warnings status={status} />
              </>
            )}
          </Loaded>
          {known && connected && <FirstSteps progress={{ paired: true, servers, projects, credentials, plans, runs }} />}
          <GoingOn />
          {projects !== undefined && projects.length > 0 && <SafetyList projects={projects} />}
          {runs !== undefined && runs.length > 0 && <LastRuns runs={runs} />}
        </>
      )}
    </>
  );
}
