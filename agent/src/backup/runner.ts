import { AppError } from '@gitprotect/shared/errors';
import type { Run } from '@gitprotect/shared/run';
import { windowState } from '@gitprotect/shared/window';
import type { Clock } from '../lib/clock.ts';
import { newId } from '../lib/id.ts';
import type { StoredPlan } from '../plans/plan-store.ts';
import { leftBy } from './go-on.ts';
import { RunProgress, type RunAudience } from './run-progress.ts';
import type { RunParts } from './run.ts';

export interface RunnerOptions {
  readonly plans: { get(id: string): Promise<StoredPlan> };
  readonly audience: RunAudience;
  readonly clock: Clock;
  /** What a run of this plan works with. */
  readonly partsFor: (plan: StoredPlan) => Promise<Omit<RunParts, 'goesOn'>>;
  /** Told when a run has ended and is no longer among `running`. */
  readonly onEnd: () => void;
}

/** The runs that are on their way. Dispose cancels them and waits until they have written down how they ended. */
export interface Runner extends AsyncDisposable {
  /**
   * Starts a plan and returns at once. It is paused at the end of its plan's window, unless told to ignore that.
   * @throws AppError `plan-running` while one of the same plan is on its way, `outside-window` while its window is shut
   */
  start(planId: string, trigger: Run['trigger'], ignoreWindow?: boolean): Promise<Run>;
  /** @throws AppError `not-found` when it is not running */
  cancel(runId: string): void;
  /** Plan id -> run id. */
  running(): ReadonlyMap<string, string>;
  /** Pauses runs that still go on some minutes after their window's end. Looks by itself, too. */
  closeWindows(): void;
}

/** What is on its way when a window ends may end within this; then it is stopped, and begun again when the window opens. Milliseconds. */
const grace = 10 * 60_000;
/** How often it is looked whether a window has ended, in milliseconds. */
const look = 30_000;

interface Active {
  readonly runId: string;
  /** When its window ends, in milliseconds since 1970; `null` for one that goes on to its end. */
  readonly closesAt: number | null;
  readonly controller: AbortController;
  ended: Promise<void>;
}

export function runner({ plans, audience, clock, partsFor, onEnd }: RunnerOptions): Runner {
  const active = new Map<string, Active>();

  const start: Runner['start'] = async (planId, trigger, ignoreWindow = false) => {
    const runId = newId('run');
    const plan = await plans.get(planId);
    const goesOn = await leftBy(audience.store, planId);
    const before = active.get(planId);
    if (before !== undefined) {
      throw new AppError('plan-running', `“${plan.name}” is running already`, { remedy: `wait for it, or cancel it: run ${before.runId}` });
    }
    const now = clock.now();
    const closesAt = ignoreWindow ? null : closingOf(plan, now);
    const entry: Active = { runId, closesAt, controller: new AbortController(), ended: Promise.resolve() };
    active.set(planId, entry);
    const progress = new RunProgress(
      {
        ...beginning(runId, plan, trigger, now),
        ...(closesAt !== null && { closesAt: new Date(closesAt).toISOString() }),
        ...(goesOn !== null && { continues: goesOn.runId }),
      },
      audience,
    );
    try {
      const [parts, { execute }] = await Promise.all([partsFor(plan), import('./run.ts')]);
      entry.ended = execute(progress, { ...parts, goesOn }, entry.controller.signal).then(() => undefined);
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

  const closeWindows: Runner['closeWindows'] = () => {
    for (const { closesAt, controller } of active.values())
      if (closesAt !== null && clock.now() >= closesAt + grace) controller.abort(windowOver());
  };
  const looking = setInterval(closeWindows, look).unref();

  return {
    start,
    closeWindows,
    cancel: (runId) => {
      const found = [...active.values()].find((one) => one.runId === runId);
      if (found === undefined) throw new AppError('not-found', `run ${runId} is not running`);
      found.controller.abort(new AppError('cancelled', 'the run was cancelled'));
    },
    running: () => new Map([...active].map(([planId, { runId }]) => [planId, runId])),
    [Symbol.asyncDispose]: async () => {
      clearInterval(looking);
      const all = [...active.values()];
      // One with a window goes on when the agent is back, as it would on the next night.
      for (const { controller, closesAt } of all)
        controller.abort(closesAt === null ? new AppError('cancelled', 'the agent is stopping') : windowOver());
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

/** When the plan's window ends. @throws AppError `outside-window` while it is shut */
function closingOf({ name, window }: StoredPlan, now: number): number | null {
  const state = windowState(window, now);
  if (state.open) return state.closesAt;
  throw new AppError(
    'outside-window',
    `“${name}” asks Bitbucket only between ${window?.from ?? ''} and ${window?.to ?? ''} (${window?.timeZone ?? ''})`,
    {
      remedy: 'wait for that, or run it all the same: --ignore-window',
      facts: { opensAt: state.opensAt },
    },
  );
}

const windowOver = (): AppError => new AppError('outside-window', 'the run is paused until its window is open');

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
    credentials: [],
    problems: [],
  };
}
