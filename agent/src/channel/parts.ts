import type { EventBody } from '@gitprotect/shared/protocol';
import type { Finding } from '@gitprotect/shared/finding';
import type { Snapshot, VerifyReport } from '@gitprotect/shared/snapshot';
import type { RunStore } from '../backup/run-store.ts';
import type { Runner } from '../backup/runner.ts';
import type { Upkeep } from '../backup/upkeep.ts';
import type { UpkeepStore } from '../backup/upkeep-store.ts';
import type { PruneParts } from '../backup/prune/prune-place.ts';
import type { RetentionBook } from '../backup/retention/retention-book.ts';
import type { Catalogue, Filter } from '../catalogue/catalogue.ts';
import type { CredentialStore } from '../credentials/store.ts';
import type { Repaired } from '../backup/copy/repair.ts';
import type { CopyStore } from '../storages/copy-store.ts';
import type { StorageStore } from '../storages/storage-store.ts';
import type { Rebuilt } from '../catalogue/rebuild-rows.ts';
import type { Clock } from '../lib/clock.ts';
import type { RecoveryKeys } from '../keys/recovery-keys.ts';
import type { PlanBook } from '../plans/plan-book.ts';
import type { ProofBook } from '../proof/proof-book.ts';
import type { RestorePlace } from '../restore/to-folder.ts';
import type { ProjectStore } from '../servers/project-store.ts';
import type { ServerStore } from '../servers/server-store.ts';
import type { Vault } from '../vault/vault.ts';
import type { AgentEvent } from './events.ts';
import type { Pairings } from './pairings.ts';

/** What the calls of the protocol work with. */
export interface Parts {
  readonly version: string;
  readonly home: string;
  readonly startedAt: string;
  /** Where the channel listens; `null` when the parts serve a single command. */
  readonly port: () => number | null;
  readonly servers: ServerStore;
  readonly projects: ProjectStore;
  readonly credentials: CredentialStore;
  readonly planBook: PlanBook;
  readonly runs: RunStore;
  readonly runner: Runner;
  readonly upkeep: Upkeep;
  readonly upkeepResults: UpkeepStore;
  readonly retention: RetentionBook;
  /** What pruning works with. Rejects with what is wrong with the storage. */
  readonly pruning: () => Promise<PruneParts>;
  readonly pairings: Pairings;
  readonly vault: Vault;
  readonly clock: Clock;
  /** Snapshots as the database knows them, without opening the storage. */
  readonly snapshots: (filter: Filter) => Promise<Snapshot[]>;
  readonly storages: StorageStore;
  readonly copies: CopyStore;
  /** Lets backups go to another storage from now on. */
  readonly useStorage: (id: string) => Promise<Rebuilt>;
  /** Puts back from the copies what is missing or damaged. */
  readonly repair: () => Promise<Repaired>;
  /** Opens the storage in use, or another. Rejects with what is wrong with it. */
  readonly place: (
    signal: AbortSignal,
    storageId?: string,
  ) => Promise<{ readonly id: string; readonly catalogue: Catalogue } & RestorePlace>;
  /** The address of the storage in use, whether it can be opened or not. */
  readonly storagePlace: () => Promise<string>;
  /** What is known of drills and of the last verification. */
  readonly proofs: ProofBook;
  /** Reads backups and compares them with what was written. */
  readonly verify: (
    snapshots: readonly Snapshot[],
    what: { readonly drill: boolean; readonly everything: boolean },
  ) => Promise<VerifyReport>;
  /** Takes in what storage has records of beside snapshots, after the database's part was made again. */
  readonly adopt: () => Promise<void>;
  readonly machine: Readonly<Record<string, string>>;
  /** Looks at everything a backup depends on. */
  readonly examine: () => Promise<Finding[]>;
  readonly recoveryKeys: RecoveryKeys;
  /** Tells every page which lists to ask for again. */
  readonly changed: (...what: EventBody<'changed'>['what']) => void;
  /** Tells every page something. */
  readonly tell: (event: AgentEvent) => void;
  /** Ends the agent. */
  readonly stop: () => void;
  readonly signal: AbortSignal;
}

/** Waits for work, then tells the pages. */
export type Telling = <T>(work: Promise<T>, ...what: EventBody<'changed'>['what']) => Promise<T>;
