import * as v from 'valibot';

/** What was looked at. */
export const FindingArea = v.picklist([
  'machine',
  'clock',
  'settings',
  'home',
  'database',
  'vault',
  'agent',
  'storage',
  'server',
  'credential',
  'project',
  'plan',
  'upkeep',
]);
export type FindingArea = v.InferOutput<typeof FindingArea>;

/** One thing that was checked. A `warning` can wait; with a `problem`, backups fail or cannot be trusted until it is put right. */
export const Finding = v.object({
  area: FindingArea,
  state: v.picklist(['ok', 'warning', 'problem']),
  /** What was found, naming the thing. */
  message: v.string(),
  /** What to do next; `null` where nothing needs doing. */
  remedy: v.nullable(v.string()),
});
export type Finding = v.InferOutput<typeof Finding>;
