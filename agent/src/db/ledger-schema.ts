/* The tables of what must be in storage, of how it is looked after, and of what was proven. The rules are those of `schema.ts`. */

/** A list of a server's ledger that was read, or written, and was ours. */
export interface LedgerListRow {
  storage_id: string;
  server_id: string;
  name: string;
  sha256: string;
  /** Names of the lists it comes after. */
  previous_json: string;
  /** 0: an earlier release read it, and did not remember what it took out. */
  removals_read: number;
}

/** What a list took out, and no later one added again. */
export interface LedgerRemovedRow {
  storage_id: string;
  /** Of an object, or of a list. */
  name: string;
  sha256: string;
  /** The list that says so. */
  list: string;
}

/** An object that must be in storage now. */
export interface LedgerObjectRow {
  storage_id: string;
  server_id: string;
  name: string;
  sha256: string;
  /** The list that says so. */
  list: string;
  /** When its bytes were last compared; `null`: not since this database was made. */
  checked_at: string | null;
  /** Its size when it was first seen after it was listed. */
  bytes: number | null;
  /** What was wrong with it then. */
  problem: string | null;
}

/** An object of a snapshot that no list names yet; `manifest` is what commits it. */
export interface UnlistedRow {
  server_id: string;
  run_id: string;
  manifest: string;
  name: string;
  sha256: string;
}

/** How a step of upkeep went the last time. */
export interface UpkeepRow {
  storage_id: string;
  step: string;
  state: string;
  started_at: string;
  ended_at: string;
  message: string;
  remedy: string | null;
}

/** A repo whose next backup is a full one, because the newest snapshot was found damaged. */
export interface RenewalRow {
  server_id: string;
  repo_id: number;
  reason: string;
}

/** The last drill of a snapshot. */
export interface DrillRow {
  server_id: string;
  repo_id: number;
  snapshot_id: string;
  at: string;
  proven: number;
  /** `Drilled` of the record in storage, whole. */
  drilled_json: string;
}

/** What the last verification found wrong in a storage. */
export interface FindingRow {
  storage_id: string;
  position: number;
  /** `StorageProblem` of shared, whole. */
  finding_json: string;
}
