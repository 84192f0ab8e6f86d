import { AppError } from '@gitprotect/shared/errors';
import { newSigningKey } from '../catalogue/ssh-signature.ts';
import type { Database } from '../db/database.ts';
import { Secret } from '../lib/secret.ts';
import type { Keys } from '../storage/sealed.ts';
import { newIdentity, recipientOf } from './identity.ts';
import { recoveryRecipients } from './recovery-recipients.ts';
import { readMeta, writeMeta } from './meta.ts';

/** Where the identity rests. */
export interface SecretPlace {
  get(id: string): Promise<Secret | null>;
  set(id: string, secret: Secret): Promise<void>;
  delete(id: string): Promise<void>;
}

/** The agent's keys. `opens`: the public halves of all that open. */
export interface StorageKeys extends Keys {
  readonly opens: readonly string[];
}

/** As an age identity file: the key in use is the first line; below it are those that open what was sealed before. */
const entry = 'storage-identity';
const signingEntry = 'signing-key';
const usedRow = 'storage_recipient';

/**
 * The keys backups are sealed with: the agent's own, made at first use, and the public halves of the recovery keys.
 * @throws AppError `vault-unavailable` when the identity was there once and is gone: a new one would quietly split the backups
 */
export async function storageKeys(vault: SecretPlace, db: Database): Promise<StorageKeys> {
  const known = await vault.get(entry);
  const recipientBefore = await readMeta(db, usedRow);
  if (known === null && recipientBefore !== null) {
    throw new AppError('vault-unavailable', 'the vault no longer holds the key that opens the backups', {
      remedy: 'bring the vault back from a copy; without it only the recovery key opens them',
    });
  }
  const identity = known ?? new Secret(await newIdentity());
  const [own = '', ...earlier] = await recipientsOf(identity);
  if (known === null) await vault.set(entry, identity);
  if (recipientBefore !== own) await writeMeta(db, usedRow, own);
  const recovery = (await recoveryRecipients(db)).map(({ recipient }) => recipient);
  return { identity, recipients: [own, ...recovery], opens: [own, ...earlier] };
}

/** Makes a new key of the agent's. New backups are sealed to it; those there are stay open to the earlier ones, which the vault keeps. */
export async function rotateStorageKey(vault: SecretPlace, db: Database): Promise<string> {
  const { identity } = await storageKeys(vault, db);
  const made = await newIdentity();
  const recipient = await recipientOf(made);
  await vault.set(entry, new Secret(`${made}\n${identity.reveal()}`));
  await writeMeta(db, usedRow, recipient);
  return recipient;
}

/** Adds a key that opens what others have sealed, a recovery key on a new machine. Nothing is sealed to it by that. Answers its public half. */
export async function addStorageKey(vault: SecretPlace, db: Database, key: Secret): Promise<string> {
  const recipient = await recipientOf(key.reveal()).catch((error: unknown) => {
    throw new AppError('bad-request', 'this is not a recovery key', {
      remedy: 'give the whole line that begins with AGE-SECRET-KEY-1',
      cause: error,
    });
  });
  const { identity, opens } = await storageKeys(vault, db);
  if (!opens.includes(recipient)) await vault.set(entry, new Secret(`${identity.reveal()}\n${key.reveal()}`));
  return recipient;
}

async function recipientsOf(identity: Secret): Promise<string[]> {
  return Promise.all(identity.reveal().split('\n').map(recipientOf));
}

/** The key that signs the lists of runs, made at first use. */
export async function signingKey(vault: SecretPlace): Promise<Secret> {
  const known = await vault.get(signingEntry);
  if (known !== null) return known;
  const made = newSigningKey();
  await vault.set(signingEntry, made);
  return made;
}
