import { asAppError } from '@gitprotect/shared/errors';
import { dueBetween } from '@gitprotect/shared/schedule';
import { windowState } from '@gitprotect/shared/window';
import cron from 'node-cron';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { StoredPlan } from '../plans/plan-store.ts';

/** Later than this after the due time it is called a catch-up: the machine slept or the agent was off. */
const punctual = 2 * 60_000;

export type Due = { readonly due: false } | { readonly due: true; readonly trigger: 'schedule' | 'catch-up' | 'resume' };

/**
 * Whether a plan must run now, and what to call it. However many due times were missed, they make one run; what comes due while its window is shut
 * waits for it. `paused`: its last run left repos waiting; a due time takes them along.
 */
export function isDue(plan: Pick<StoredPlan, 'schedule' | 'window' | 'createdAt' | 'lastDueAt'>, now: number, paused: boolean): Due {
  if (!windowState(plan.window, now).open) return { due: false };
  const since = Date.parse(plan.lastDueAt ?? plan.createdAt);
  const at = plan.schedule === null ? null : dueBetween(plan.schedule, since, now);
  if (at === null) return paused ? { due: true, trigger: 'resume' } : { due: false };
  const late = now - at > punctual && windowState(plan.window, at).open;
  return { due: true, trigger: late ? 'catch-up' : 'schedule' };
}

export interface SchedulerParts {
  readonly plans: { list(): Promise<StoredPlan[]>; started(id: string, at: string): Promise<void> };
  /** Starts a run, or refuses when one of this plan is on its way. */
  readonly start: (planId: string, trigger: Extract<Due, { due: true }>['trigger']) => Promise<unknown>;
  /** Whether the plan's last run was paused. */
  readonly paused: (planId: string) => Promise<boolean>;
  /** Looks after the storage and the credentials, if that was not done today. */
  readonly lookAfter: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Looks once at every plan and starts what is due. */
export async function startDue({ plans, start, paused, clock, log }: Omit<SchedulerParts, 'lookAfter'>): Promise<void> {
  const now = clock.now();
  for (const plan of await plans.list()) {
    // A clock that was set back must not stop a plan for the time in between: it counts from now.
    if (Date.parse(plan.lastDueAt ?? plan.createdAt) > now) await plans.started(plan.id, new Date(now).toISOString());
    const verdict = isDue(plan, now, await paused(plan.id));
    if (!verdict.due) continue;
    try {
      await start(plan.id, verdict.trigger);
    } catch (error) {
      const { code, message } = asAppError(error);
      // The run before is still on its way: this due time is answered by it.
      if (code !== 'plan-running') log.error({ plan: plan.name, code, err: error }, `could not start the plan: ${message}`);
      else log.warn({ plan: plan.name }, 'due again while its run is still on its way');
    }
    if (verdict.trigger !== 'resume') await plans.started(plan.id, new Date(now).toISOString());
  }
}

/** Looks at the start and then every minute (node-cron's tick; what is due is `schedule.ts`' to say). Dispose stops it. */
export function scheduler(parts: SchedulerParts): AsyncDisposable {
  let looking: Promise<void> = Promise.resolve();
  const look = () => {
    looking = looking
      .then(() => startDue(parts))
      .then(() => {
        // It takes as long as it takes; plans come due meanwhile.
        return void parts.lookAfter().catch((error: unknown) => parts.log.error({ err: error }, 'the storage could not be looked after'));
      })
      .catch((error: unknown) => parts.log.error({ err: error }, 'the scheduler could not look at the plans'));
  };
  look();
  const task = cron.schedule('* * * * *', look);
  return {
    [Symbol.asyncDispose]: async () => {
      await task.destroy();
      await looking;
    },
  };
}
