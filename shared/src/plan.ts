import * as v from 'valibot';
import { Health } from './credential.ts';
import { MetadataKind } from './metadata.ts';
import { Count, Id, Name, Time } from './text.ts';
import { Within } from './within.ts';

/** When a plan runs: five-field cron in a named time zone. Validity is `schedule.ts`' to say. */
export const Schedule = v.object({
  cron: v.pipe(v.string(), v.trim(), v.maxLength(100, 'must not be longer than 100 characters')),
  timeZone: v.pipe(v.string(), v.maxLength(64)),
});
export type Schedule = v.InferOutput<typeof Schedule>;

const TimeOfDay = v.pipe(v.string(), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day such as 22:00'));

/** The hours in which a plan may ask Bitbucket, by the clocks of a time zone. One that ends before it begins ends on the next day. */
export const BackupWindow = v.object({ from: TimeOfDay, to: TimeOfDay, timeZone: v.pipe(v.string(), v.maxLength(64)) });
export type BackupWindow = v.InferOutput<typeof BackupWindow>;

const Kept = v.optional(
  v.pipe(v.number(), v.integer(), v.minValue(0, 'must not be negative'), v.maxValue(10_000, 'must not be more than 10,000')),
);
/** How many snapshots to keep of each kind, and of how long all; a snapshot stays while any rule wants it. All empty keeps everything. */
export const Keep = v.object({
  last: Kept,
  hourly: Kept,
  daily: Kept,
  weekly: Kept,
  monthly: Kept,
  yearly: Kept,
  within: v.optional(Within),
});
export type Keep = v.InferOutput<typeof Keep>;

const Share = v.pipe(v.number(), v.integer(), v.minValue(10, 'must be at least 10 %'), v.maxValue(100, 'must not be more than 100 %'));

/** The *Additional git credentials* switch, and the accounts toggled on. Neither does anything without the other. */
export const AdditionalCredentials = v.object({ enabled: v.boolean(), credentialIds: v.array(Id) });
export type AdditionalCredentials = v.InferOutput<typeof AdditionalCredentials>;

/** What a person decides about a plan. */
export const PlanSettings = v.object({
  name: Name,
  projectIds: v.array(Id),
  /** `null` runs only by hand. */
  schedule: v.nullable(Schedule),
  /** `null` runs at any hour. At its end a run is paused; it goes on when the window opens again. */
  window: v.optional(v.nullable(BackupWindow), null),
  /** Percent of each user's limit that it may use: the rest is for the people whose accounts these are. */
  share: v.optional(Share, 80),
  keep: Keep,
  additional: AdditionalCredentials,
  /** Kinds of metadata it does not back up. `lfs` leaves out large files. */
  leaveOut: v.optional(v.array(MetadataKind), []),
  /** The storage its backups are copied to after each run; `null` for none. */
  copyTo: v.optional(v.nullable(Id), null),
});
export type PlanSettings = v.InferOutput<typeof PlanSettings>;

/** An account that a plan could use, or does. */
export const PlanAccount = v.object({
  credentialId: Id,
  name: Name,
  ownerSlug: v.nullable(v.string()),
  health: Health,
  /** The project's own: always used, and not a toggle. */
  own: v.boolean(),
  enabled: v.boolean(),
  /** Another account of this plan with the same owner: the two share one bucket, so this one adds no throughput. */
  sameUserAs: v.nullable(Id),
});
export type PlanAccount = v.InferOutput<typeof PlanAccount>;

/** A plan as the pages and the terminal show it. */
export const Plan = v.object({
  id: Id,
  ...PlanSettings.entries,
  createdAt: Time,
  accounts: v.array(PlanAccount),
  /** Different users among the accounts in use: the unit of throughput. */
  users: Count,
  repos: v.nullable(Count),
  lastRun: v.nullable(v.object({ id: Id, state: v.string(), startedAt: Time, endedAt: v.nullable(Time) })),
  /** When it starts next by itself. */
  nextDue: v.nullable(Time),
  running: v.nullable(Id),
  /** What stops it from doing its work, in words; empty when all is well. */
  warnings: v.array(v.string()),
});
export type Plan = v.InferOutput<typeof Plan>;
