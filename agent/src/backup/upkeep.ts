import { AppError, asAppError } from '@gitprotect/shared/errors';
import type { UpkeepName, UpkeepResult } from '@gitprotect/shared/upkeep';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Ledger } from '../catalogue/ledger.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Keys } from '../storage/sealed.ts';
import type { Storage } from '../storage/storage.ts';
import type { UpkeepStore } from './upkeep-store.ts';

/** The storage that is looked after, open. */
export interface UpkeepPlace {
  readonly id: string;
  readonly plain: Storage;
  readonly sealed: Storage;
  readonly keys: Keys;
  readonly catalogue: Catalogue;
  readonly ledger: Ledger;
}

/** What a step works with; what else it needs it was made with. */
export interface UpkeepContext {
  readonly place: UpkeepPlace;
  readonly clock: Clock;
  readonly log: Log;
}

/** One thing that is done for a storage, as often as it is asked for: it finds out itself what is due. */
export interface UpkeepStep {
  readonly name: UpkeepName;
  /** @returns what it did, in words for `status` */
  run(context: UpkeepContext, signal: AbortSignal): Promise<string>;
}

export interface UpkeepParts {
  /** In the order they are done. Asked for when they are due. */
  readonly steps: () => Promise<readonly UpkeepStep[]>;
  /** Opens the storage; rejects with what is wrong with it. */
  readonly open: (signal: AbortSignal) => Promise<UpkeepPlace>;
  readonly store: UpkeepStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Told when all steps were gone through. */
  readonly onEnd: () => void;
}

/** Looks after the storage, one step at a time and never twice at once. Dispose stops what is on its way, which goes on the next time. */
export interface Upkeep extends AsyncDisposable {
  /** Does what is due. Asked while it is at work, it goes through all steps once more after that. Resolves when nothing is left to do, and never rejects. */
  run(): Promise<void>;
  /** As `run`, when that was a day ago. */
  runDaily(): Promise<void>;
}

const day = 86_400_000;

export function upkeep({ steps, open, store, clock, log, onEnd }: UpkeepParts): Upkeep {
  const controller = new AbortController();
  const { signal } = controller;
  let working: Promise<void> | undefined;
  let again = false;

  const doStep = async (step: UpkeepStep, place: UpkeepPlace): Promise<void> => {
    const startedAt = now();
    const ended = (state: UpkeepResult['state'], message: string, remedy: string | null) =>
      store.save(place.id, { step: step.name, state, startedAt, endedAt: now(), message, remedy });
    try {
      await ended('done', await step.run({ place, clock, log }, signal), null);
    } catch (caught) {
      if (signal.aborted) return ended('stopped', 'the agent was stopped before this was done', null);
      const { message, remedy } = asAppError(caught);
      log.error({ err: caught, step: step.name }, `upkeep: ${step.name} failed: ${message}`);
      await ended('failed', message, remedy ?? null);
    }
  };
  const now = (): string => new Date(clock.now()).toISOString();
  const work = async (): Promise<void> => {
    do {
      again = false;
      try {
        const place = await open(signal);
        for (const step of await steps()) if (!signal.aborted) await doStep(step, place);
      } catch (error) {
        // A storage that cannot be opened is said in every status.
        if (!signal.aborted) log.warn({ err: error }, `upkeep could not begin: ${asAppError(error).message}`);
      }
    } while (again && !signal.aborted);
    onEnd();
  };
  const run = (): Promise<void> => {
    if (signal.aborted) return Promise.resolve();
    again = true;
    working ??= work().finally(() => (working = undefined));
    return working;
  };
  return {
    run,
    runDaily: async () => {
      const last = (await store.list()).map(({ startedAt }) => Date.parse(startedAt));
      const at = clock.now();
      // A clock that was set back makes the last time lie ahead: then it counts from now.
      if (last.length < (await steps()).length || last.some((time) => time > at || at - time >= day)) await run();
    },
    [Symbol.asyncDispose]: async () => {
      controller.abort(new AppError('cancelled', 'the agent is stopping'));
      await working;
    },
  };
}
