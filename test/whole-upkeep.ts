import { UpkeepName, type UpkeepResult } from '@gitprotect/shared/upkeep';
import type { App } from '@gitprotect/agent/app';

/** The message of a step that was not come to. */
export const notBegun = 'it was not begun';

/**
 * All upkeep of an agent. `run` never rejects, and where it cannot begin the results of the time before stand: here they do not count.
 * @returns how each step went this time; one that was not begun has failed
 */
export async function wholeUpkeep({
  upkeep,
  upkeepResults,
  clock,
}: Pick<App, 'upkeep' | 'upkeepResults' | 'clock'>): Promise<UpkeepResult[]> {
  const from = new Date(clock.now()).toISOString();
  await upkeep.run();
  const results = await upkeepResults.list();
  return UpkeepName.options.map(
    (step) =>
      results.find((one) => one.step === step && one.startedAt >= from) ??
      ({ step, state: 'failed', startedAt: from, endedAt: from, message: notBegun, remedy: null } as const),
  );
}

/** What was not done, in words. */
export const notDone = (results: readonly UpkeepResult[]): string[] =>
  results.filter(({ state }) => state !== 'done').map(({ step, message }) => `${step} is not done: ${message}`);
