import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { planBook, type PlanBook } from './plans/plan-book.ts';
import type { gitConnections } from './git/http.ts';
import type { Config, ConfigSecrets } from './config.ts';
import { Buckets } from './credentials/buckets.ts';
import { Turnstile } from './credentials/turnstile.ts';
import { healthLook } from './credentials/health-look.ts';
import { poolSource } from './credentials/pool-source.ts';
import { credentialPool } from './credentials/pool.ts';
import { sweepSecrets } from './credentials/secret-record.ts';
import { credentialStore, type CredentialStore } from './credentials/store.ts';
import { openDatabase, type Database } from './db/database.ts';
import { recoveryKeys, type RecoveryKeys } from './keys/recovery-keys.ts';
import { systemClock, type Clock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { Place } from './place.ts';
import { planStore, type PlanStore, type StoredPlan } from './plans/plan-store.ts';
import { projectStore, type ProjectStore } from './servers/project-store.ts';
import { serverStore, type ServerStore } from './servers/server-store.ts';
import type { RunAudience } from './backup/run-progress.ts';
import { upkeep, type Upkeep } from './backup/upkeep.ts';
import { upkeepStore, type UpkeepStore } from './backup/upkeep-store.ts';
import { runStore, type RunStore } from './backup/run-store.ts';
import type { GitLine } from './backup/repo-access.ts';
import { runner, type Runner } from './backup/runner.ts';
import { EventBus } from './channel/events.ts';
import { Pairings } from './channel/pairings.ts';
import type { Storage } from './storage/storage.ts';
import { copyStore, type CopyStore } from './storages/copy-store.ts';
import { storageStore, type StorageStore } from './storages/storage-store.ts';
import { openVault, type Vault } from './vault/vault.ts';

/** Every part of the agent, built once. Dispose ends the runs and closes everything, in the reverse order. */
export interface App extends AsyncDisposable {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly startedAt: string;
  readonly db: Database;
  readonly vault: Vault;
  readonly servers: ServerStore;
  readonly projects: ProjectStore;
  readonly credentials: CredentialStore;
  readonly plans: PlanStore;
  readonly planBook: PlanBook;
  readonly runs: RunStore;
  readonly runner: Runner;
  readonly upkeep: Upkeep;
  readonly upkeepResults: UpkeepStore;
  readonly pairings: Pairings;
  readonly recoveryKeys: RecoveryKeys;
  readonly events: EventBus;
  /** Looks at the health of credentials that nobody looked at for a day, and tells the pages what has changed. */
  readonly lookAtCredentials: (signal: AbortSignal) => Promise<void>;
  readonly storages: StorageStore;
  readonly copies: CopyStore;
  /** Opens the storage in use, or another. Rejects with what is wrong with it. */
  readonly place: (signal: AbortSignal, storageId?: string, begin?: boolean) => Promise<Place>;
}

export interface AppOptions {
  readonly config: Config;
  readonly secrets: ConfigSecrets;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** Whether the storage is looked after when a run has ended. A command asks for it itself, and waits. */
  readonly upkeepAfterRuns?: boolean | undefined;
  /** Puts something before each storage: faults, in tests. */
  readonly decorateStorage?: ((storage: Storage) => Storage) | undefined;
}

/**
 * Builds the agent's parts on `config.home`, whose lock the caller holds. Runs, upkeep and connections load when they are first wanted: most
 * commands want none of them.
 */
export async function openApp(options: AppOptions): Promise<App> {
  const { config, secrets, log, clock = systemClock } = options;
  await using stack = new AsyncDisposableStack();
  const events = new EventBus();
  const changed = (...what: Parameters<typeof changedEvent>) => events.publish(changedEvent(...what));

  const vault = stack.use(
    await openVault({ home: config.home, config: { vault: config.vault, passphrase: secrets.passphrase }, clock, log }),
  );
  const db = stack.use(openDatabase(join(config.home, 'gitprotect.db')));
  const timeouts = {
    connect: config.timeouts.connect * 1000,
    silence: config.timeouts.stall * 1000,
    whole: config.timeouts.headers * 1000,
  };
  const servers = stack.use(serverStore({ db, clock, timeouts }));
  // Repos that were looked into when a process ended; the lock says that no other is at work here.
  await rm(join(config.home, 'scratch'), { recursive: true, force: true });
  // What a crash between vault and database left behind; a locked vault is swept at the next start.
  if (!vault.locked) await sweepSecrets(db, vault);
  const buckets = new Buckets();
  const clientOf = (id: string) => servers.clientOf(id);
  const credentials = credentialStore({ db, vault, clock, buckets, clientOf });
  const health = healthLook({ db, vault, clock, buckets, clientOf });
  const projects = projectStore({ db, clock, credentials, clientOf });
  const source = poolSource({ db, vault, clock, clientOf, onChange: () => changed('credentials', 'plans', 'status') });
  const pool = credentialPool({
    source,
    buckets,
    clock,
    chance: () => randomInt(1_000_000) / 1_000_000,
    atOnce: { rest: config.politeness.requests, git: config.politeness.fetches },
  });
  const plans = planStore(db, clock);
  const runs = stack.use(runStore(db, clock));
  // One at a time: two that open a new storage at once would each make its keys, and what is sealed with the lost ones opens no more.
  const opening = new Turnstile(1);
  // The default folder is made at first use; one that somebody named must be there: it may be a disk that is not mounted.
  const create = config.storageFolder === join(config.home, 'storage');
  const storages = stack.use(storageStore({ db, vault, clock, folder: config.storageFolder, create, decorate: options.decorateStorage }));
  const copies = copyStore(db);
  const place = async (signal: AbortSignal, storageId?: string, begin = storageId === undefined): Promise<Place> => {
    const leave = await opening.enter(signal);
    try {
      const { openPlace } = await import('./place.ts');
      return await openPlace({ storages, storageId, begin, vault, db, clock }, signal);
    } finally {
      leave();
    }
  };

  const connections = new Map<string, ReturnType<typeof gitConnections>>();
  stack.defer(async () => {
    for (const dispatcher of connections.values()) await dispatcher.close();
  });
  const lineTo = async (serverId: string): Promise<GitLine> => {
    const ca = await servers.ca(serverId);
    const http = await import('./git/http.ts');
    const dispatcher = connections.get(serverId) ?? http.gitConnections({ ca });
    connections.set(serverId, dispatcher);
    return { dispatcher, patience: { answerSeconds: config.timeouts.headers, stallSeconds: config.timeouts.stall } };
  };

  const partsFor = async (plan: StoredPlan) => {
    const { runPartsOf } = await import('./run-parts.ts');
    return runPartsOf({ db, config, clock, log, pool, source, servers, projects, credentials, runs, vault, place, lineTo }, plan);
  };
  const audience = {
    store: runs,
    clock,
    publish: (...[run, job, more]: Parameters<RunAudience['publish']>) =>
      events.publish({ name: 'run.progress', body: { run, job, ...more } }),
  };
  const upkeepResults = upkeepStore(db);
  const steps = async () => (await import('./upkeep-steps.ts')).upkeepSteps({ config, db, plans, storages, copies });
  const followed = async (signal: AbortSignal): Promise<Place> => {
    const opened = await place(signal);
    const { followLists } = await import('./catalogue/follow-lists.ts');
    await followLists({ ...opened, db, storage: opened.plain, storageId: opened.id }, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      // Each step of upkeep says for itself what keeps it from its work.
      log.warn({ err: error }, 'the list of snapshots could not be brought up to date');
    });
    return opened;
  };
  const lookedAfter = stack.use(
    upkeep({ steps, open: followed, store: upkeepResults, clock, log, onEnd: () => changed('runs', 'snapshots', 'status') }),
  );
  const onEnd = () => {
    changed('runs', 'plans', 'snapshots', 'projects', 'status');
    if (options.upkeepAfterRuns === true) void lookedAfter.run();
  };
  const runsOnTheirWay = stack.use(runner({ plans, audience, clock, partsFor, onEnd }));
  const book = planBook({
    db,
    plans,
    copies,
    projects,
    credentials,
    runs,
    clock,
    running: () => runsOnTheirWay.running(),
    limitOf: (user) => buckets.limitOf(user),
  });
  const pairings = await Pairings.load({ db, keys: vault, clock });
  for (const run of await runs.closeInterrupted(new Date(clock.now()).toISOString()))
    log.warn({ run: run.id }, 'a run was interrupted; the next one completes it');

  const owned = stack.move();
  return {
    config,
    clock,
    log,
    startedAt: new Date(clock.now()).toISOString(),
    db,
    vault,
    servers,
    projects,
    credentials,
    plans,
    planBook: book,
    runs,
    runner: runsOnTheirWay,
    upkeep: lookedAfter,
    upkeepResults,
    pairings,
    recoveryKeys: recoveryKeys({ vault, db, clock }),
    events,
    lookAtCredentials: async (signal) => {
      const changes = await health.look(signal);
      for (const id of changes) log.warn({ credential: id }, 'a credential fares otherwise than before');
      if (changes.length > 0) changed('credentials', 'projects', 'plans', 'status');
    },
    place,
    storages,
    copies,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type What = Extract<Parameters<EventBus['publish']>[0], { name: 'changed' }>['body']['what'][number];
const changedEvent = (...what: What[]) => ({ name: 'changed', body: { what } }) as const;
