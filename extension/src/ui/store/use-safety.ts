import { type ProjectView, type Safety, hadProblems, safetyOf } from '../words/safety.ts';
import { valueOf } from './loadable.ts';
import { useStore } from './use-store.ts';

/** Judges projects by all that the store knows. Asks for the repos of last runs only where a run had problems. */
export function useSafety(): (project: ProjectView) => Safety {
  const store = useStore();
  const plans = valueOf(store.plans.current) ?? [];
  const troubled = plans.filter(hadProblems).flatMap(({ lastRun }) => (lastRun === null ? [] : [lastRun.id]));
  const jobs = new Map(troubled.map((id) => [id, valueOf(store.run(id).current)?.jobs]));
  const around = { plans, jobsOf: (id: string) => jobs.get(id), now: store.time.value };
  return (project) => safetyOf(project, around);
}
