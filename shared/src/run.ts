import * as v from 'valibot';
import { MetadataKind } from './metadata.ts';
import { Proof } from './proof.ts';
import { ProjectKey, RepoSlug } from './repo.ts';
import { Count, Id, Name, Time } from './text.ts';

/** An error as it is stored and sent: code, words, next step. */
export const Report = v.object({ code: v.string(), message: v.string(), remedy: v.optional(v.string()) });

/** How many refs a snapshot holds, and what changed since the one before. */
export const RefCounts = v.object({ total: Count, added: Count, moved: Count, deleted: Count });
export type RefCounts = v.InferOutput<typeof RefCounts>;

/** How one repo fared in one run. `unchanged` and `skipped` are not errors. */
export const Outcome = v.variant('state', [
  v.object({
    state: v.literal('saved'),
    snapshotId: Id,
    kind: v.picklist(['full', 'incremental', 'refs-only', 'metadata-only', 'empty']),
    /** Sealed bytes written to storage. */
    bytes: Count,
    objects: Count,
    refs: RefCounts,
    /** Metadata records that were new or changed. */
    records: v.optional(Count),
    /** Large files that were new. */
    lfsObjects: v.optional(Count),
    /** Kinds that no credential in use may read. */
    notPermitted: v.optional(v.array(MetadataKind)),
    /** What the reader of a report must know: a shrunken ref list, lost objects. */
    warnings: v.array(v.string()),
  }),
  v.object({
    state: v.literal('unchanged'),
    snapshotId: Id,
    notPermitted: v.optional(v.array(MetadataKind)),
    /** What could not be looked at, so that nobody knows whether it changed. */
    warnings: v.optional(v.array(v.string())),
  }),
  v.object({ state: v.literal('skipped'), reason: v.string() }),
  v.object({ state: v.literal('throttled'), until: Time }),
  v.object({ state: v.literal('failed'), error: Report }),
]);
export type Outcome = v.InferOutput<typeof Outcome>;

/** One repo in a run: waiting, running, or done with an outcome. */
export const Job = v.object({
  repoId: Count,
  serverId: Id,
  projectKey: ProjectKey,
  slug: RepoSlug,
  phase: v.picklist(['waiting', 'running', 'done']),
  outcome: v.nullable(Outcome),
  /** Pack bytes received so far. */
  received: Count,
  requests: Count,
  /** Credentials that served it, in order. */
  credentialIds: v.array(Id),
  startedAt: v.nullable(Time),
  endedAt: v.nullable(Time),
  /** The run that had done it before this one went on from its pause. */
  doneIn: v.optional(Id),
  /** The last drill of the snapshot that stands for the repo in this run; absent where there was none. */
  proof: v.optional(Proof),
});
export type Job = v.InferOutput<typeof Job>;

/** One stretch of time in which Bitbucket refused a user's requests. */
export const Throttle = v.object({ credentialId: Id, ownerSlug: v.nullable(v.string()), from: Time, until: Time });
export type Throttle = v.InferOutput<typeof Throttle>;

/** One stretch of time in which a repo waited, as every user that may be asked for it was throttled. */
export const Wait = v.object({ from: Time, until: Time });
export type Wait = v.InferOutput<typeof Wait>;

/** A credential that served a run, called as it was then, and the requests it made. */
export const UsedCredential = v.object({ credentialId: Id, name: Name, ownerSlug: v.nullable(v.string()), requests: Count });
export type UsedCredential = v.InferOutput<typeof UsedCredential>;

export const RunState = v.picklist(['running', 'succeeded', 'partial', 'failed', 'cancelled', 'interrupted', 'paused']);
export type RunState = v.InferOutput<typeof RunState>;

/** One execution of a plan. One that is `paused` is over; what it left waiting is taken up by the next. `counts` says how many repos ended how; `repos` is how many there are. */
export const Run = v.object({
  id: Id,
  planId: Id,
  planName: Name,
  trigger: v.picklist(['manual', 'schedule', 'catch-up', 'resume']),
  state: RunState,
  startedAt: Time,
  endedAt: v.nullable(Time),
  /** When its window ends; `null` or absent: it goes on to its end. */
  closesAt: v.optional(v.nullable(Time)),
  /** The paused run whose waiting repos it takes first. */
  continues: v.optional(Id),
  repos: Count,
  counts: v.object({ saved: Count, unchanged: Count, skipped: Count, throttled: Count, failed: Count }),
  bytes: Count,
  requests: Count,
  /** Who made them, the first to be asked first. */
  credentials: v.optional(v.array(UsedCredential), []),
  /** What stopped the run as a whole, or failed before any repo: a project nobody may list, a full disk. */
  problems: v.array(Report),
  /** What is worth knowing and costs no repo its backup: new repos, lost rights. */
  notices: v.optional(v.array(v.string())),
});
export type Run = v.InferOutput<typeof Run>;

export const RunDetail = v.object({
  ...Run.entries,
  jobs: v.array(Job),
  throttles: v.array(Throttle),
  waits: v.optional(v.array(Wait), []),
});
export type RunDetail = v.InferOutput<typeof RunDetail>;
