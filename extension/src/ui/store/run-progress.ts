import type { EventBody, Result } from '@gitprotect/shared/protocol';
import type { Job, Run, Throttle, Wait } from '@gitprotect/shared/run';

type Progress = EventBody<'run.progress'>;
type Plans = Result<'plan.list'>;
type Detail = Result<'run.get'>;

/** The list of runs with this run as it is now; a new one comes first. */
export function mergeRun(runs: readonly Run[], run: Run): Run[] {
  return runs.some(({ id }) => id === run.id) ? runs.map((one) => (one.id === run.id ? run : one)) : [run, ...runs];
}

/** Plans whose `running` and `lastRun` follow the run, so that a button need not wait for the list to be asked for again. */
export function followRun(plans: Plans, run: Run): Plans {
  return plans.map((plan) => {
    if (plan.id !== run.planId) return plan;
    const { id, state, startedAt, endedAt } = run;
    const running = state === 'running' ? id : plan.running === id ? null : plan.running;
    return { ...plan, running, lastRun: { id, state, startedAt, endedAt } };
  });
}

const sameJob = (one: Job, other: Job) => one.repoId === other.repoId && one.serverId === other.serverId;

/** The detail of a run with one piece of news in it. News of other runs change nothing. */
export function mergeDetail(detail: Detail, { run, job, throttle, wait }: Progress): Detail {
  if (detail.id !== run.id) return detail;
  if (job === null)
    return { ...detail, ...run, throttles: mergeThrottle(detail.throttles, throttle), waits: mergeWait(detail.waits, wait) };
  const at = detail.jobs.findIndex((one) => sameJob(one, job));
  const jobs = at === -1 ? [...detail.jobs, job] : detail.jobs.with(at, job);
  return { ...detail, ...run, jobs };
}

/** It may be there already: the detail was asked for after it was written down and before we heard of it. */
function mergeThrottle(throttles: Throttle[], news: Throttle | undefined): Throttle[] {
  const known = throttles.some(({ credentialId, from }) => credentialId === news?.credentialId && from === news.from);
  return news === undefined || known ? throttles : [...throttles, news];
}

function mergeWait(waits: Wait[], news: Wait | undefined): Wait[] {
  return news === undefined || waits.some(({ from }) => from === news.from) ? waits : [...waits, news];
}

/** What is going on in a run, as far as news told: the repos on their way. */
export function mergeActive(active: readonly Job[], { run, job }: Progress): Job[] {
  if (run.state !== 'running') return [];
  if (job === null) return [...active];
  const others = active.filter((one) => !sameJob(one, job));
  return job.phase === 'running' ? [...others, job] : others;
}
