import { systemClock } from './lib/clock.ts';
import { openApp } from './app.ts';
import { leftBy } from './backup/go-on.ts';
import { scheduler } from './backup/scheduler.ts';
import { startChannel } from './channel/server.ts';
import type { Config, ConfigSecrets } from './config.ts';
import { takeLock } from './lib/lock.ts';
import type { Log } from './lib/log.ts';
import { placeOf } from './storages/opened-storage.ts';
import { handlersOf } from './handlers-of.ts';
import { loadWork } from './load-work.ts';

export interface ServeOptions {
  readonly config: Config;
  readonly secrets: ConfigSecrets;
  readonly log: Log;
  /** Ends the agent. */
  readonly signal: AbortSignal;
  /** Told once everything listens. */
  readonly onReady: (facts: {
    readonly port: number;
    readonly vault: string;
    readonly warning: string | null;
    readonly locked: boolean;
    readonly storage: string;
    readonly paired: number;
    /** How to have the recovery key, where there is none yet; `null` where there is, or the vault is locked. */
    readonly makeRecoveryKey: (() => Promise<string>) | null;
  }) => Promise<void>;
}

/** The agent: listens, keeps the schedule, and runs until the signal. */
export async function serve({ config, secrets, log, signal, onReady }: ServeOptions): Promise<void> {
  const over = new AbortController();
  const ended = AbortSignal.any([signal, over.signal]);
  await using lock = await takeLock(config.home, { purpose: 'agent', clock: systemClock });
  await using app = await openApp({ config, secrets, log, upkeepAfterRuns: true });
  let port: number | null = null;
  const calls = handlersOf(app, { port: () => port, stop: () => over.abort(), signal: ended });
  await using channel = await startChannel({
    port: config.port,
    home: config.home,
    pairings: app.pairings,
    extensionOrigins: config.extensionIds.map((id) => `chrome-extension://${id}`),
    handlers: calls,
    events: app.events,
    busy: () => app.runner.running().size > 0,
    clock: app.clock,
    log,
  });
  port = channel.port;
  await lock.announce(port);
  const { plans, runner, runs, upkeep, clock } = app;
  const lookAtCredentials = () =>
    app.lookAtCredentials(ended).catch((error: unknown) => log.error({ err: error }, 'the credentials could not be looked at'));
  await using _schedule = scheduler({
    plans,
    start: (id, trigger) => runner.start(id, trigger),
    paused: async (id) => (await leftBy(runs, id)) !== null,
    lookAfter: () => Promise.all([upkeep.runDaily(), lookAtCredentials()]),
    clock,
    log,
  });
  const { vault } = app;
  const paired = (await app.pairings.list()).length;
  const { recoveryKeys } = app;
  const none = !vault.locked && (await recoveryKeys.list()).length === 0;
  const makeRecoveryKey = none ? async () => (await recoveryKeys.print()).identity : null;
  await onReady({
    port,
    vault: vault.kind,
    warning: vault.warning,
    locked: vault.locked,
    storage: placeOf((await app.storages.get(await app.storages.inUse())).settings),
    paired,
    makeRecoveryKey,
  });
  log.info({ port, vault: vault.kind }, 'the agent listens');
  await loadWork();
  await new Promise<void>((resolve) => {
    if (ended.aborted) resolve();
    else ended.addEventListener('abort', () => resolve(), { once: true });
  });
  log.info('the agent stops');
}
