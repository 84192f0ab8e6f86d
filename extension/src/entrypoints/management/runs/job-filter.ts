import type { Job } from '@gitprotect/shared/run';

/** Which rows of a run are shown. `state` is an outcome's, or a phase's for those that have none yet. */
export interface JobFilter {
  readonly text: string;
  readonly state: string;
}

export const anyJob: JobFilter = { text: '', state: '' };

/** The word a row is filtered by. */
function stateOf({ phase, outcome }: Job): string {
  return phase === 'done' ? (outcome?.state ?? 'done') : (outcome?.state ?? phase);
}

const order = ['failed', 'throttled', 'skipped', 'running', 'saved', 'unchanged', 'waiting'];
const rank = (job: Job) => (order.indexOf(stateOf(job)) + order.length + 1) % (order.length + 1);

/** Rows that fit, what needs a person first, then what is going on. Rows of one kind keep their order. */
export function shownJobs(jobs: readonly Job[], { text, state }: JobFilter): Job[] {
  const search = text.trim().toLowerCase();
  return jobs
    .filter((job) => (state === '' || stateOf(job) === state) && `${job.projectKey}/${job.slug}`.toLowerCase().includes(search))
    .toSorted((one, other) => rank(one) - rank(other));
}

/** States that occur, with their counts, in the order of the rows. */
export function statesOf(jobs: readonly Job[]): { state: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const job of jobs) counts.set(stateOf(job), (counts.get(stateOf(job)) ?? 0) + 1);
  return [...counts]
    .map(([state, count]) => ({ state, count }))
    .toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state));
}
