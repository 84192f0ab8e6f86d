import { isAbsolute } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import type { StorageView } from '@gitprotect/shared/storage';
import { Secret } from '../lib/secret.ts';
import { hostKey } from '../storages/host-key.ts';
import { placeOf } from '../storages/opened-storage.ts';
import { probeStorage, requireUsable } from '../storages/probe.ts';
import type { KnownStorage, NewStorage } from '../storages/storage-store.ts';
import type { Handlers } from './dispatch.ts';
import type { Parts, Telling } from './parts.ts';

type StorageHandlers = Pick<
  Handlers,
  | 'storage.list'
  | 'storage.add'
  | 'storage.add-folder'
  | 'storage.host-key'
  | 'storage.test'
  | 'storage.use'
  | 'storage.repair'
  | 'storage.remove'
>;

/** Calls about the places backups lie in. */
export function storageHandlers(parts: Parts, telling: Telling): StorageHandlers {
  const { storages, planBook, copies, signal } = parts;
  const views = async (all: readonly KnownStorage[]): Promise<StorageView[]> => {
    const [used, plans] = [await storages.inUse(), await planBook.list()];
    const view = async ({ id, name, settings }: KnownStorage): Promise<StorageView> => ({
      id,
      name,
      settings,
      place: placeOf(settings),
      inUse: id === used,
      copyOf: plans.filter(({ copyTo }) => copyTo === id).map((plan) => plan.name),
      copy: await copies.state(id),
    });
    return Promise.all(all.map(view));
  };
  const add = async (wanted: NewStorage): Promise<StorageView> => {
    const added = await storages.add(wanted, ({ storage }) => requireUsable(storage, signal));
    const [view] = await views([added]);
    if (view === undefined) throw new AppError('internal', 'a storage was not added');
    return view;
  };
  return {
    'storage.list': async () => views(await storages.list()),
    'storage.add': ({ name, settings, secret, passphrase }) =>
      telling(add({ name, settings, secret: secretOf(secret), passphrase: secretOf(passphrase) }), 'storages'),
    'storage.add-folder': async ({ name, folder }) => {
      // Relative to where the agent was started it would be another folder after the next start.
      if (!isAbsolute(folder))
        throw new AppError('bad-request', `“${folder}” is not the whole path of a folder`, {
          remedy: 'write it from the root on, like /mnt/backup',
        });
      return telling(add({ name, settings: { kind: 'folder', folder }, secret: null, passphrase: null }), 'storages');
    },
    'storage.host-key': async (address) => ({ hostKey: await hostKey(address, signal) }),
    'storage.test': async ({ id }) => probeStorage((await storages.open(id, { first: false })).storage, { large: true, signal }),
    'storage.use': async ({ id }) => {
      if (parts.runner.running().size > 0)
        throw new AppError('plan-running', 'a plan is running, into the storage so far', {
          remedy: 'wait until it has ended, or cancel it',
        });
      const { snapshots, repos, damaged } = await telling(parts.useStorage(id), 'storages', 'snapshots', 'plans');
      return { snapshots, repos, damaged: [...damaged] };
    },
    'storage.repair': () => telling(parts.repair()),
    'storage.remove': async ({ id }) => {
      await telling(storages.remove(id), 'storages');
      return {};
    },
  };
}

const secretOf = (text: string | undefined): Secret | null => (text === undefined ? null : new Secret(text));
