import * as v from 'valibot';
import { Time } from './text.ts';

/** What is done for a storage after runs and once a day, in this order. */
export const UpkeepName = v.picklist(['compact', 'prune', 'verify', 'drill', 'copy']);
export type UpkeepName = v.InferOutput<typeof UpkeepName>;

/** How a step of upkeep went the last time. */
export const UpkeepResult = v.object({
  step: UpkeepName,
  /** `stopped`: the agent was told to end before it was done. */
  state: v.picklist(['done', 'failed', 'stopped']),
  startedAt: Time,
  endedAt: Time,
  /** What it did, or what was wrong. */
  message: v.string(),
  remedy: v.nullable(v.string()),
});
export type UpkeepResult = v.InferOutput<typeof UpkeepResult>;

/** What a step is called where it did not go well. */
export const upkeepWords: Readonly<Record<UpkeepName, string>> = {
  compact: 'Joining bundles',
  prune: 'Removing old snapshots',
  verify: 'Checking the storage',
  drill: 'Proving that backups can be restored',
  copy: 'Copying the storage',
};
