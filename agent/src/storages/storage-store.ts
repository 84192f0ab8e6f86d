import { AppError } from '@gitprotect/shared/errors';
import { defaultStorageId, StorageSettings } from '@gitprotect/shared/storage';
import * as v from 'valibot';
import { eraseSecret, storeSecret, type SecretVault } from '../credentials/secret-record.ts';
import type { Database } from '../db/database.ts';
import type { StorageRow } from '../db/schema.ts';
import type { Clock } from '../lib/clock.ts';
import { newId } from '../lib/id.ts';
import { Secret } from '../lib/secret.ts';
import type { Storage } from '../storage/storage.ts';
import { openedStorage, type Opened, type StorageAccess } from './opened-storage.ts';

/** A storage as it is stored. */
export interface KnownStorage {
  readonly id: string;
  readonly name: string;
  readonly settings: StorageSettings;
}

/** A storage somebody wants, with what opens it. */
export interface NewStorage extends StorageAccess {
  readonly name: string;
  readonly settings: StorageSettings;
}

/** The storages that backups can go to: the default folder, and those that were added. What opens them is in the vault. */
export interface StorageStore extends AsyncDisposable {
  list(): Promise<KnownStorage[]>;
  /** @throws AppError `not-found` */
  get(id: string): Promise<KnownStorage>;
  /** Remembers a storage after `check` has found that it can be used. @throws AppError `already-exists`, or what `check` throws: then nothing is kept */
  add(wanted: NewStorage, check: (opened: Opened) => Promise<void>): Promise<KnownStorage>;
  /** Forgets it; what lies there stays. @throws AppError `not-allowed` while it is in use, or plans copy to it */
  remove(id: string): Promise<void>;
  /** The id of the one backups go to. */
  inUse(): Promise<string>;
  use(id: string): Promise<void>;
  /** The storage itself; its connection stays open for the next who asks. `first`: it was never used, so the default folder may be made. */
  open(id: string, options: { readonly first: boolean }): Promise<Opened>;
}

const usedRow = 'storage_in_use';

export function storageStore({
  db,
  vault,
  clock,
  folder,
  create,
  decorate = (storage) => storage,
}: {
  db: Database;
  vault: SecretVault;
  clock: Clock;
  folder: string;
  create: boolean;
  /** Puts something before each storage that is opened: faults, in tests. */
  decorate?: ((storage: Storage) => Storage) | undefined;
}): StorageStore {
  const standard: KnownStorage = { id: defaultStorageId, name: defaultStorageId, settings: { kind: 'folder', folder } };
  const connections = new Map<string, Promise<Opened>>();

  const list = async (): Promise<KnownStorage[]> => {
    const rows = await db.selectFrom('storages').selectAll().orderBy('name').execute();
    return [standard, ...rows.map(known)];
  };
  const get = async (id: string): Promise<KnownStorage> => {
    const found = (await list()).find((one) => one.id === id);
    if (found === undefined)
      throw new AppError('not-found', `there is no storage ${id}`, { remedy: 'list them: gitprotect-agent storage list' });
    return found;
  };
  const inUse = async (): Promise<string> => {
    const row = await db.selectFrom('meta').select('value').where('name', '=', usedRow).executeTakeFirst();
    return row?.value ?? defaultStorageId;
  };
  const close = async (id: string): Promise<void> => {
    const opened = await connections.get(id)?.catch(() => undefined);
    connections.delete(id);
    await opened?.storage[Symbol.asyncDispose]();
  };
  const connect = async (id: string, first: boolean): Promise<Opened> => {
    const { settings } = await get(id);
    const opened = await openedStorage(settings, accessOf(await vault.get(secretId(id))), {
      now: () => clock.now(),
      create: create && first && id === defaultStorageId,
    });
    return { ...opened, storage: decorate(opened.storage) };
  };

  return {
    list,
    get,
    inUse,
    add: async (wanted, check) => {
      const { name, settings, secret, passphrase } = wanted;
      if ((await list()).some((one) => one.name.toLowerCase() === name.toLowerCase()))
        throw new AppError('already-exists', `there is already a storage “${name}”`, {
          remedy: 'choose another name, or remove that one first',
        });
      const opened = await openedStorage(settings, { secret, passphrase }, { now: () => clock.now(), create: false });
      await using _storage = opened.storage;
      await check(opened);
      const row: StorageRow = {
        id: newId('st'),
        name,
        settings_json: JSON.stringify(settings),
        added_at: new Date(clock.now()).toISOString(),
      };
      if (secret === null) await db.insertInto('storages').values(row).execute();
      else {
        await storeSecret({ db, vault }, secretId(row.id), entryOf(secret, passphrase), async (transaction) => {
          await transaction.insertInto('storages').values(row).execute();
        });
      }
      return known(row);
    },
    remove: async (id) => {
      const { name } = await get(id);
      if (id === defaultStorageId)
        throw new AppError('not-allowed', 'the default storage cannot be removed', {
          remedy: 'use another one: gitprotect-agent storage use NAME',
        });
      if ((await inUse()) === id)
        throw new AppError('not-allowed', `backups go to “${name}”`, {
          remedy: 'use another one first: gitprotect-agent storage use NAME',
        });
      const plans = await db.selectFrom('plans').select('name').where('copy_to', '=', id).execute();
      if (plans.length > 0)
        throw new AppError('not-allowed', `“${name}” is the copy of ${plans.map((plan) => `“${plan.name}”`).join(', ')}`, {
          remedy: 'end the copies first: gitprotect-agent plan edit NAME --no-copy',
        });
      await close(id);
      await eraseSecret({ db, vault }, secretId(id), async (transaction) => {
        await transaction.deleteFrom('storages').where('id', '=', id).execute();
      });
    },
    use: async (id) => {
      await get(id);
      await db
        .insertInto('meta')
        .values({ name: usedRow, value: id })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: id }))
        .execute();
    },
    open: async (id, { first }) => {
      // A folder is opened at each call: a disk that comes back is found then.
      if ((await get(id)).settings.kind === 'folder') return connect(id, first);
      const opened = connections.get(id) ?? connect(id, first);
      connections.set(id, opened);
      opened.catch(() => connections.delete(id));
      return opened;
    },
    [Symbol.asyncDispose]: async () => {
      for (const id of connections.keys()) await close(id);
    },
  };
}

const known = ({ id, name, settings_json }: StorageRow): KnownStorage => ({
  id,
  name,
  settings: v.parse(StorageSettings, JSON.parse(settings_json)),
});
const secretId = (id: string): string => `storage:${id}`;

/** What the entry in the vault holds. */
const Entry = v.object({ secret: v.string(), passphrase: v.nullable(v.string()) });

const entryOf = (secret: Secret, passphrase: Secret | null): Secret =>
  new Secret(JSON.stringify({ secret: secret.reveal(), passphrase: passphrase?.reveal() ?? null } satisfies v.InferOutput<typeof Entry>));

function accessOf(entry: Secret | null): StorageAccess {
  if (entry === null) return { secret: null, passphrase: null };
  const { secret, passphrase } = v.parse(Entry, JSON.parse(entry.reveal()));
  return { secret: new Secret(secret), passphrase: passphrase === null ? null : new Secret(passphrase) };
}
