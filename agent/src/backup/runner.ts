import { AppError } from '@gitprotect/shared/errors';
import type { Run } from '@gitprotect/shared/run';
import type { Clock } from '../lib/clock.ts';
import { newId } from '../lib/id.ts';
import type { StoredPlan } from '../plans/plan-store.ts';
import { RunProgress, type RunAudience } from './run-progress.ts';
import { execute, type RunParts } from './run.ts';

export interface RunnerOptions {
  readonly plans: { get(id: string): Promise<StoredPlan> };
  readonly audience: RunAudience;
  readonly clock: Clock;
  /** What a run of this plan works with. */
  readonly partsFor: (plan: StoredPlan) => Promise<RunParts>;
  /** Told when a run has ended and is no longer among `running`. */
  readonly onEnd: () => void;
}

/** The runs that are on their way. Dispose cancels them and waits until they have written down how they ended. */
export interface Runner extends AsyncDisposable {
  /** Starts a plan and returns at once. @throws AppError `plan-running` while one of the same plan is on its way */
  start(planId: string, trigger: Run['trigger']): Promise<Run>;
  /** @throws AppError `not-found` when it is not running */
  cancel(runId: string): void;
  /** Plan id -> run id. */
  running(): ReadonlyMap<string, string>;
}

interface Active {
  readonly runId: string;
  readonly controller: AbortController;
  ended: Promise<void>;
}

export function runner({ plans, audience, clock, partsFor, onEnd }: RunnerOptions): Runner {
  const active = new Map<string, Active>();

  const start: Runner['start'] = async (planId, trigger) => {
    const runId = newId('run');
    const plan = await plans.get(planId);
    const before = active.get(planId);
    if (before !== undefined) {
      throw new AppError('plan-running', `“${plan.name}” is running already`, { remedy: `wait for it, or cancel it: run ${before.runId}` });
    }
    const entry: Active = { runId, controller: new AbortController(), ended: Promise.resolve() };
    active.set(planId, entry);
    const progress = new RunProgress(beginning(runId, plan, trigger, clock.now()), audience);
    try {
      const parts = await partsFor(plan);
      entry.ended = execute(progress, parts, entry.controller.signal).then(() => undefined);
    } catch (error) {
      active.delete(planId);
      throw error;
    }
    void entry.ended.finally(() => {
      active.delete(planId);
      onEnd();
    });
    return progress.run;
  };

  return {
    start,
    cancel: (runId) => {
      const found = [...active.values()].find((one) => one.runId === runId);
      if (found === undefined) throw new AppError('not-found', `run ${runId} is not running`);
      found.controller.abort(new AppError('cancelled', 'the run was cancelled'));
    },
    running: () => new Map([...active].map(([planId, { runId }]) => [planId, runId])),
    [Symbol.asyncDispose]: async () => {
      const all = [...active.values()];
      for (const { controller } of all) controller.abort(new AppError('cancelled', 'the agent is stopping'));
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

function beginning(id: string, plan: StoredPlan, trigger: Run['trigger'], now: number): Run {
  return {
    id,
    planId: plan.id,
    planName: plan.name,
    trigger,
    state: 'running',
    startedAt: new Date(now).toISOString(),
    endedAt: null,
    repos: 0,
    counts: { saved: 0, unchanged: 0, skipped: 0, throttled: 0, failed: 0 },
    bytes: 0,
    requests: 0,
    problems: [],
  };
}
