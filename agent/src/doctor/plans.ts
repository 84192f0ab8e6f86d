import type { Finding } from '@gitprotect/shared/finding';
import { formatAgo } from '@gitprotect/shared/format';
import type { Plan } from '@gitprotect/shared/plan';
import type { Run } from '@gitprotect/shared/run';
import { nextDue } from '@gitprotect/shared/schedule';
import { ok, problem, warning } from './finding.ts';

/** Whether a plan can do its work, and does. `runs` are its own, the newest first; `now` in milliseconds since 1970. */
export function judgePlan(plan: Plan, runs: readonly Run[], now: number): Finding[] {
  return [...plan.warnings.map((message) => warning('plan', `${plan.name}: ${message}`, null)), judgeRuns(plan, runs, now)];
}

function judgeRuns({ name, schedule, createdAt }: Plan, runs: readonly Run[], now: number): Finding {
  const last = runs.find(({ state }) => state !== 'running');
  const good = runs.find(({ state }) => state === 'succeeded');
  const goodAge = good === undefined ? 'never' : formatAgo(Date.parse(good.startedAt), now);
  const run = `gitprotect-agent run “${name}” --wait`.replaceAll(/[“”]/g, '"');
  // One that is late may be on its way; with the second one missed, the schedule is not kept.
  const [, second] = schedule === null ? [] : nextDue(schedule, Date.parse(good?.startedAt ?? createdAt), 2);
  if (second !== undefined && second <= now) {
    return problem(
      'plan',
      `${name}: two runs in a row are missing; the last good one: ${goodAge}`,
      `see why: gitprotect-agent runs; try it: ${run}`,
    );
  }
  if (last === undefined) return warning('plan', `${name} has never run`, run);
  if (last.state === 'paused') return ok('plan', `${name}: ${ending.paused}; the last good one: ${goodAge}`);
  if (last.state === 'succeeded') return ok('plan', `${name}: last good run ${goodAge}`);
  const words = `${name}: the last run ${ending[last.state]}; the last good one: ${goodAge}`;
  const remedy = `see what each repository says: gitprotect-agent runs ${last.id}`;
  return last.state === 'failed' ? problem('plan', words, remedy) : warning('plan', words, remedy);
}

const ending = {
  failed: 'failed',
  partial: 'left some repositories out',
  cancelled: 'was cancelled',
  interrupted: 'was interrupted',
  running: 'is on its way',
  succeeded: 'succeeded',
  paused: 'is paused until its window opens',
} as const satisfies Record<Run['state'], string>;
