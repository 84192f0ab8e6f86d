import type { Finding } from '@gitprotect/shared/finding';
import { asAppError } from '@gitprotect/shared/errors';
import type { Kysely } from 'kysely';
import type { RunStore } from '../backup/run-store.ts';
import type { UpkeepStore } from '../backup/upkeep-store.ts';
import type { CredentialStore } from '../credentials/store.ts';
import type { Tables } from '../db/schema.ts';
import type { Clock } from '../lib/clock.ts';
import type { RecoveryKeys } from '../keys/recovery-keys.ts';
import type { PlanBook } from '../plans/plan-book.ts';
import type { ProjectStore } from '../servers/project-store.ts';
import type { ServerStore } from '../servers/server-store.ts';
import type { Vault } from '../vault/vault.ts';
import { examineAbsentAgent, examineAgent } from './agent.ts';
import { judgeClock } from './clock.ts';
import { judgeCredential } from './credentials.ts';
import { examineDatabase } from './database.ts';
import { areaOf, failed, warning } from './finding.ts';
import { examineHome } from './home.ts';
import { examineMachine } from './machine.ts';
import { judgePlan } from './plans.ts';
import { judgeProject } from './projects.ts';
import { examineServer } from './servers.ts';
import { examineStorage, type StorageParts } from './storage.ts';
import { judgeUpkeep } from './upkeep.ts';
import { examineVault } from './vault.ts';

/** What is looked at. */
export interface Examined {
  readonly config: { readonly home: string; readonly port: number; readonly machine: Readonly<Record<string, string>> };
  readonly startedAt: string;
  /** Where the agent listens; `null` when none runs. */
  readonly port: () => number | null;
  readonly db: Kysely<Tables>;
  readonly vault: Vault;
  readonly servers: ServerStore;
  readonly projects: ProjectStore;
  readonly credentials: CredentialStore;
  readonly planBook: PlanBook;
  readonly runs: RunStore;
  readonly recoveryKeys: Pick<RecoveryKeys, 'list'>;
  readonly upkeepResults: UpkeepStore;
  readonly openStorage: StorageParts['open'];
  readonly snapshots: () => Promise<
    readonly { readonly serverId: string; readonly repoId: number; readonly id: string; readonly takenAt: string }[]
  >;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Looks at everything a backup depends on, from the machine to the last run of each plan. Changes nothing but a probe in storage. */
export async function examine(parts: Examined): Promise<Finding[]> {
  const { config, vault, clock, signal } = parts;
  const [servers, projects, credentials, plans, runs, snapshots, upkeep] = await Promise.all([
    parts.servers.list(),
    parts.projects.list(),
    parts.credentials.list(),
    parts.planBook.list(),
    parts.runs.list({}),
    parts.snapshots(),
    parts.upkeepResults.list(),
  ]);
  const now = clock.now();
  const past = [...runs.map(({ startedAt }) => startedAt), ...snapshots.map(({ takenAt }) => takenAt)].map(Date.parse);
  const port = parts.port();
  const largestRun = Math.max(0, ...runs.slice(0, 100).map(({ bytes }) => bytes));
  const snapshotsNow = () => parts.snapshots();
  const clientOf = (id: string) => parts.servers.clientOf(id);
  const [machine, home, database, secrets, agent, storage, ...answers] = await Promise.all([
    examineMachine({ machine: config.machine, signal }),
    examineHome(config.home),
    examineDatabase(parts.db),
    examineVault(
      vault,
      await parts.db.selectFrom('credentials').select(['id', 'name', 'secret_id as secretId']).execute(),
      (await parts.recoveryKeys.list()).length,
    ),
    port === null ? examineAbsentAgent(config.port) : Promise.resolve([examineAgent({ port, since: Date.parse(parts.startedAt), now })]),
    // A locked vault has the storage's keys, and is said to be locked.
    vault.locked ? Promise.resolve([]) : examineStorage({ open: parts.openStorage, snapshots: snapshotsNow, largestRun, signal }),
    ...servers.map((server) => examineServer(server, { clientOf, clock, signal })),
  ]);
  const runsOf = (id: string) => runs.filter(({ planId }) => planId === id);
  const noPlan = warning('plan', 'there is no plan yet: nothing is backed up', 'gitprotect-agent plan add NAME --project KEY');
  return [
    ...machine,
    judgeClock(now, past.length === 0 ? null : past.reduce((a, b) => Math.max(a, b))),
    home,
    database,
    ...secrets,
    ...agent,
    ...storage,
    ...answers.flat(),
    ...credentials.map((credential) => judgeCredential(credential, now)),
    ...upkeep.map((result) => judgeUpkeep(result, now)),
    ...projects.flatMap((project) => judgeProject(project, plans)),
    ...(plans.length === 0 ? [noPlan] : plans.flatMap((plan) => judgePlan(plan, runsOf(plan.id), now))),
  ];
}

/** The same where the agent's parts did not open, with the reason, and what can be looked at all the same. */
export async function examineClosed(
  error: unknown,
  { home, machine, signal }: { readonly home: string; readonly machine: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<Finding[]> {
  const why = failed(areaOf(asAppError(error).code), error);
  const seen = [...(await examineMachine({ machine, signal })), await examineHome(home)];
  // A folder that is open to others was found twice.
  return [...seen.filter(({ message }) => message !== why.message), why];
}
