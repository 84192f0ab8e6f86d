import type { EventBody, EventName } from '@gitprotect/shared/protocol';
import packageJson from '../package.json' with { type: 'json' };
import { openApp, type App, type AppOptions } from './app.ts';
import { inProcess, type Handlers } from './channel/dispatch.ts';
import { handlers } from './channel/handlers.ts';
import type { Session } from './cli/command.ts';
import { connectToAgent } from './cli/connect.ts';
import type { Config, ConfigSecrets } from './config.ts';
import { systemClock } from './lib/clock.ts';
import { examine } from './doctor/examine.ts';
import { adoptDrills } from './proof/proofs.ts';
import { proofBook } from './proof/proof-book.ts';
import { verify } from './proof/verify.ts';
import { join } from 'node:path';
import { findHolder, takeLock } from './lib/lock.ts';
import type { Log } from './lib/log.ts';
import { retentionBook } from './backup/retention/retention-book.ts';
import { placeOf } from './storages/opened-storage.ts';
import { repairFromCopies } from './repair-from-copies.ts';
import { useStorage } from './use-storage.ts';
import { Catalogue } from './catalogue/catalogue.ts';
import { AppError } from '@gitprotect/shared/errors';

/** The handlers of an app's parts. */
export function handlersOf(
  app: App,
  more: { readonly port: () => number | null; readonly stop: () => void; readonly signal: AbortSignal },
): Handlers {
  const { config, events, db } = app;
  const { signal } = more;
  return handlers({
    ...app,
    ...more,
    version: packageJson.version,
    home: config.home,
    storagePlace: async () => placeOf((await app.storages.get(await app.storages.inUse())).settings),
    repair: () => repairFromCopies(app, more.signal),
    useStorage: (id) => useStorage(app, id, more.signal),
    machine: config.machine,
    snapshots: (filter) => Catalogue.listIn(db, filter),
    place: async (signal, storageId) => {
      const { id, catalogue, plain, keys } = await app.place(signal, storageId);
      return { id, catalogue, storage: plain, keys, clock: app.clock };
    },
    pruning: async () => {
      const place = await app.place(signal);
      return { ...app, place: { ...place, storage: place.plain }, graceDays: config.prune.graceDays };
    },
    retention: retentionBook({
      ...app,
      signal,
      place: async () => {
        const { plain, keys, ledger } = await app.place(signal);
        return { storage: plain, keys, ledger };
      },
    }),
    proofs: proofBook(db),
    verify: async (snapshots, what) => {
      const place = await app.place(more.signal);
      return verify({ ...place, db }, snapshots, {
        ...what,
        scratch: join(config.home, 'scratch'),
        host: { machine: config.machine, signal: more.signal },
        clock: app.clock,
        // A hundred times are enough however many there are.
        onProgress: (done, of, kind) => {
          if (percent(done, of) !== percent(done - 1, of)) events.publish({ name: 'verify.progress', body: { done, of, what: kind } });
        },
      });
    },
    adopt: async () => {
      const place = await app.place(more.signal);
      const ids = (await app.servers.list()).map(({ id }) => id);
      await adoptDrills({ ...place, db }, [...new Set([...ids, ...(await place.ledger.servers())])], more.signal);
    },
    examine: () =>
      examine({
        ...app,
        ...more,
        snapshots: () => Catalogue.listIn(db, {}),
        openStorage: async () => {
          const { plain, keys } = await app.place(more.signal);
          return { storage: plain, keys };
        },
      }),
    changed: (...what) => events.publish({ name: 'changed', body: { what } }),
    tell: (event) => events.publish(event),
  });
}

const percent = (part: number, whole: number): number => Math.floor((100 * part) / Math.max(whole, 1));

export interface SessionOptions {
  readonly config: Config;
  readonly secrets: ConfigSecrets;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** How long a command waits for another one, or for an agent that is just starting, in milliseconds. */
const patience = 10_000;

/** Reaches the agent that runs on this home; without one, does the work in this process under the same lock. */
export async function openSession(options: SessionOptions, need?: 'agent'): Promise<Session> {
  const { home } = options.config;
  for (const until = systemClock.now() + patience; ; await systemClock.sleep(100, options.signal)) {
    const holder = await findHolder(home);
    if (holder?.purpose === 'agent' && holder.port !== null) return remote(home, options.signal);
    if (need === 'agent' && holder?.purpose !== 'agent') {
      throw new AppError('agent-not-running', `no agent runs with ${home} as its folder`, { remedy: 'start it: gitprotect-agent start' });
    }
    try {
      return await local(options);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'agent-running') || systemClock.now() > until) throw error;
    }
  }
}

async function remote(home: string, signal: AbortSignal): Promise<Session> {
  const connection = await connectToAgent({ home, signal });
  return {
    mode: 'agent',
    call: connection.call,
    on: connection.on,
    closed: connection.closed,
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

async function local({ config, secrets, log, signal }: AppOptions & { readonly signal: AbortSignal }): Promise<Session> {
  await using stack = new AsyncDisposableStack();
  stack.use(await takeLock(config.home, { purpose: 'command', clock: systemClock }));
  const app = stack.use(await openApp({ config, secrets, log }));
  const call = inProcess(handlersOf(app, { port: () => null, stop: () => undefined, signal }));
  const owned = stack.move();
  return {
    mode: 'in-process',
    call,
    closed: new Promise(() => undefined),
    on: <E extends EventName>(name: E, listener: (body: EventBody<E>) => void) =>
      app.events.subscribe((event) => {
        if (event.name === name) listener(event.body);
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
