import type {
  DrillRow,
  FindingRow,
  LedgerListRow,
  LedgerObjectRow,
  LedgerRemovedRow,
  RenewalRow,
  UnlistedRow,
  UpkeepRow,
} from './ledger-schema.ts';
import type { Generated } from 'kysely';

/*
 * The tables as Kysely types them. Times are ISO 8601 in UTC; truth values are 0 and 1; columns that end in `_json` hold JSON
 * whose shape is the schema of the same name in shared. No column holds a secret: those are in the vault.
 */

export interface ServerRow {
  id: string;
  url: string;
  version: string | null;
  /** PEM of its own certificate authority. */
  ca: string | null;
  /** How its git is spoken to: found once by the probe, as JSON of the engine's own. */
  git_protocol: string | null;
  added_at: string;
}

export interface ProjectRow {
  id: string;
  server_id: string;
  key: string;
  name: string | null;
  bitbucket_id: number | null;
  added_at: string;
}

/** A repo seen in a project: what coverage compares with. */
export interface RepoRow {
  server_id: string;
  repo_id: number;
  project_id: string;
  slug: string;
  name: string;
  archived: number;
  fork_of: number | null;
  last_seen_at: string;
}

export interface CredentialRow {
  id: string;
  server_id: string;
  /** Its token's entry in the vault: another one for each token that it had. */
  secret_id: string;
  name: string;
  token_id: string | null;
  kind: 'user' | 'project';
  owner_json: string | null;
  permissions_json: string | null;
  expires_at: string | null;
  health_json: string;
  added_at: string;
  last_used_at: string | null;
}

export interface AttachmentRow {
  credential_id: string;
  project_id: string;
  own: number;
  sees: number | null;
  of: number | null;
}

/** A repo that a credential saw when it last looked. */
export interface SightingRow {
  credential_id: string;
  server_id: string;
  repo_id: number;
}

/** What a look found to be otherwise than the look before; see `credentials/access-changes.ts`. */
export interface AccessChangeRow {
  id: Generated<number>;
  at: string;
  project_id: string;
  credential_id: string;
  kind: 'repo-new' | 'repo-gained' | 'repo-lost' | 'project-lost';
  slug: string;
}

export interface PlanRow {
  id: string;
  name: string;
  cron: string | null;
  time_zone: string | null;
  window_json: string | null;
  /** Percent of each user's limit. */
  share: number;
  keep_json: string;
  /** JSON list of metadata kinds. */
  leave_out_json: string;
  additional_enabled: number;
  created_at: string;
  /** Start of the last run by schedule: what the next due time counts from. */
  last_due_at: string | null;
  /** The storage its backups are copied to. */
  copy_to: string | null;
}

/** A storage that was added; the default one has no row. What opens it is in the vault, under `storage:<id>`. */
export interface StorageRow {
  id: string;
  name: string;
  /** `StorageSettings` of shared. */
  settings_json: string;
  added_at: string;
}

/** How far the copy in a storage is. */
export interface CopyRow {
  storage_id: string;
  /** `CopyState` of shared. */
  state_json: string;
}

/** An object of a copy that was pruned from the first storage. */
export interface CopyLeavingRow {
  storage_id: string;
  server_id: string;
  name: string;
  /** When that was first seen. Milliseconds since 1970. */
  since: number;
}

export interface PlanProjectRow {
  plan_id: string;
  project_id: string;
}

/** An account toggled on in a plan. */
export interface PlanCredentialRow {
  plan_id: string;
  credential_id: string;
}

export interface RunRow {
  id: string;
  plan_id: string;
  state: string;
  started_at: string;
  ended_at: string | null;
  /** `Run` of shared, whole. */
  run_json: string;
}

export interface JobRow {
  run_id: string;
  server_id: string;
  repo_id: number;
  position: number;
  /** `Job` of shared, whole. */
  job_json: string;
}

export interface ThrottleRow {
  run_id: string;
  credential_id: string;
  owner_slug: string | null;
  from_at: string;
  until_at: string;
}

/** When a repo of a run waited for throttled users. */
export interface WaitRow {
  run_id: string;
  from_at: string;
  until_at: string;
}

/** The catalogue's cache of the manifests in storage; `catalogue rebuild` makes it again. */
export interface SnapshotRow {
  server_id: string;
  repo_id: number;
  id: string;
  project_key: string;
  slug: string;
  run_id: string;
  taken_at: string;
  /** `Snapshot` of shared, whole. */
  snapshot_json: string;
  /** SHA-256 of the manifest's sealed bytes, in hex. */
  manifest_sha256: string;
  /** Hash of the server's ref list as it came over the wire: equal means unchanged, without parsing. */
  listing_hash: string | null;
  /** Its refs changed so much that its retention waits for somebody. */
  mass_change: number;
}

/** A snapshot that somebody holds: a cache of the words in storage. */
export interface HoldRow {
  server_id: string;
  repo_id: number;
  snapshot_id: string;
  reason: string;
  at: string;
}

/** A snapshot that is marked for removal: a cache of the marks in storage. */
export interface MarkedRow {
  server_id: string;
  repo_id: number;
  snapshot_id: string;
  due_at: string;
}

/** A repo whose chains were compacted: for which snapshot (none yet: empty), and whether a prune is to look at it. */
export interface CompactedRow {
  server_id: string;
  repo_id: number;
  snapshot_id: string;
  to_prune: number;
}

/** What somebody has seen and accepted: the mass change of a repo up to a snapshot, or repos that are gone from a project. */
export interface AcknowledgedRow {
  server_id: string;
  repo_id: number;
  /** The last snapshot whose mass change is accepted; `gone` for a repo that is. */
  what: string;
  at: string;
}

/** A full backup that is not committed yet: what of it lies in storage. */
export interface UnfinishedRow {
  server_id: string;
  repo_id: number;
  /** `UnfinishedFull` of the catalogue, whole. */
  unfinished_json: string;
}

export interface PairingRow {
  id: string;
  name: string;
  kind: 'extension' | 'cli';
  origin: string;
  created_at: string;
  last_seen_at: string | null;
}

export interface MetaRow {
  name: string;
  value: string;
}

export interface Tables {
  servers: ServerRow;
  projects: ProjectRow;
  repos: RepoRow;
  credentials: CredentialRow;
  attachments: AttachmentRow;
  sightings: SightingRow;
  access_changes: AccessChangeRow;
  plans: PlanRow;
  plan_projects: PlanProjectRow;
  plan_credentials: PlanCredentialRow;
  runs: RunRow;
  jobs: JobRow;
  throttles: ThrottleRow;
  waits: WaitRow;
  snapshots: SnapshotRow;
  unfinished: UnfinishedRow;
  holds: HoldRow;
  marked: MarkedRow;
  compacted: CompactedRow;
  acknowledged: AcknowledgedRow;
  storages: StorageRow;
  copies: CopyRow;
  copy_leaving: CopyLeavingRow;
  pairings: PairingRow;
  meta: MetaRow;
  ledger_lists: LedgerListRow;
  ledger_objects: LedgerObjectRow;
  ledger_removed: LedgerRemovedRow;
  unlisted: UnlistedRow;
  upkeep: UpkeepRow;
  renewals: RenewalRow;
  drills: DrillRow;
  findings: FindingRow;
}
