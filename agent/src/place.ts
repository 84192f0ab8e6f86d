import { AppError } from '@gitprotect/shared/errors';
import { defaultStorageId } from '@gitprotect/shared/storage';
import { Catalogue } from './catalogue/catalogue.ts';
import { Ledger } from './catalogue/ledger.ts';
import type { Database } from './db/database.ts';
import type { ManifestPlace } from './catalogue/manifest-object.ts';
import { survey } from './catalogue/survey.ts';
import { sshPublicKey } from './catalogue/ssh-signature.ts';
import { readMeta, writeMeta } from './keys/meta.ts';
import { signingKey, storageKeys } from './keys/storage-keys.ts';
import type { Clock } from './lib/clock.ts';
import { sealed, type Keys } from './storage/sealed.ts';
import { storageFile } from './storage/layout.ts';
import { openStorage } from './storage/storage-file.ts';
import type { Storage } from './storage/storage.ts';
import type { StorageStore } from './storages/storage-store.ts';
import type { Vault } from './vault/vault.ts';

/** The storage, open, with everything that reads and writes it. */
export interface Place {
  readonly id: string;
  readonly plain: Storage;
  readonly sealed: Storage;
  readonly keys: Keys;
  readonly catalogue: Catalogue;
  readonly ledger: Ledger;
}

export interface PlaceParts {
  readonly storages: StorageStore;
  /** Which of them; without, the one in use. One that is only read from must hold backups already. */
  readonly storageId?: string | undefined;
  /** It is to be used: a new one is made ours. */
  readonly begin?: boolean | undefined;
  readonly vault: Vault;
  readonly db: Database;
  readonly clock: Clock;
}

/** Where the id is kept that each storage says of itself, so that one that was swapped is noticed. */
const idRow = (storageId: string): string => (storageId === defaultStorageId ? 'storage_id' : `storage_id ${storageId}`);

/** Opens the storage at each call, so that a disk that comes back is found, and one that was swapped is noticed. Rejects with what is wrong. */
export async function openPlace({ storages, storageId, begin = true, vault, db, clock }: PlaceParts, signal: AbortSignal): Promise<Place> {
  const which = storageId ?? (await storages.inUse());
  const expectId = await readMeta(db, idRow(which));
  const signing = await signingKey(vault);
  const keys = { ...(await storageKeys(vault, db)), signing };
  const { storage: plain } = await storages.open(which, { first: expectId === null });
  if (!begin && (await plain.stat(storageFile)) === undefined) throw nothingThere(plain.place);
  const { id, recipients } = await openStorage(plain, {
    expectId,
    recipients: keys.recipients,
    signingKey: sshPublicKey(signing),
    now: clock.now(),
    signal,
  });
  // Two agents with keys of their own would make backups that neither can restore whole.
  const ours =
    expectId !== null ||
    recipients.some((recipient) => keys.opens.includes(recipient)) ||
    (await opensSome({ storage: plain, keys }, signal));
  if (!ours) throw notOurs(plain.place);
  await writeMeta(db, idRow(which), id);
  return {
    id,
    plain,
    sealed: sealed(plain, keys),
    keys,
    catalogue: new Catalogue({ storage: plain, keys, db }),
    ledger: new Ledger({ storage: plain, storageId: id, db, signingKey: signing }),
  };
}

/** Whether our keys open a snapshot there: a key that was added later is not named in the storage's own file. */
async function opensSome(place: ManifestPlace, signal: AbortSignal): Promise<boolean> {
  for await (const found of survey(place, signal)) return found.ok || found.error.code !== 'storage-foreign';
  return false;
}

function nothingThere(place: string): AppError {
  return new AppError('storage-missing', `there are no backups in ${place} yet`, {
    remedy: 'wait for the first copy, or choose another storage',
  });
}

function notOurs(place: string): AppError {
  return new AppError('storage-foreign', `${place} holds the backups of another agent, sealed with another key`, {
    remedy:
      'to read them here, give its recovery key: gitprotect-agent recovery-key use; to go on with its backups, bring that agent’s vault here; else choose an empty folder',
  });
}
