import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import type { App } from './app.ts';
import { retentionBook } from './backup/retention/retention-book.ts';
import { Catalogue } from './catalogue/catalogue.ts';
import type { Handlers } from './channel/dispatch.ts';
import { handlers } from './channel/handlers.ts';
import { proofBook } from './proof/proof-book.ts';
import { adoptDrills } from './proof/proofs.ts';
import { placeOf } from './storages/opened-storage.ts';
import { useStorage } from './use-storage.ts';

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
    repair: async () => (await import('./repair-from-copies.ts')).repairFromCopies(app, more.signal),
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
      const { verify } = await import('./proof/verify.ts');
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
    examine: async () =>
      (await import('./doctor/examine.ts')).examine({
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
