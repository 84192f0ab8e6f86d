import * as v from 'valibot';
import { Count, Id, Name, Time } from './text.ts';
import { ProofSummary } from './proof.ts';
import { UpkeepResult } from './upkeep.ts';

/** Something that needs a person: what, and the cure. */
export const Need = v.object({
  message: v.string(),
  remedy: v.nullable(v.string()),
  /** Where the cure is in the management page, as its route: `bitbucket/<project id>`, `plans/<plan id>`, `settings`. */
  route: v.nullable(v.string()),
});
export type Need = v.InferOutput<typeof Need>;

/** How the agent is. */
export const AgentStatus = v.object({
  version: v.string(),
  startedAt: Time,
  port: Count,
  home: v.string(),
  vault: v.object({
    kind: v.picklist(['keychain', 'sealed-file', 'key-file']),
    locked: v.boolean(),
    /** Shown wherever the status is shown, until it is put right. */
    warning: v.nullable(v.string()),
  }),
  storage: v.object({ id: v.nullable(Id), place: v.string(), freeBytes: v.nullable(Count), problem: v.nullable(v.string()) }),
  counts: v.object({ servers: Count, projects: Count, credentials: Count, plans: Count, snapshots: Count }),
  running: v.array(Id),
  upkeep: v.array(UpkeepResult),
  proof: ProofSummary,
  needs: v.array(Need),
});
export type AgentStatus = v.InferOutput<typeof AgentStatus>;

/** A client that paired with this agent. */
export const Pairing = v.object({
  id: Id,
  name: Name,
  kind: v.picklist(['extension', 'cli']),
  origin: v.string(),
  createdAt: Time,
  lastSeenAt: v.nullable(Time),
});
export type Pairing = v.InferOutput<typeof Pairing>;
