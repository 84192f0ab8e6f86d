import { AppError } from '@gitprotect/shared/errors';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { newSigningKey } from '../catalogue/ssh-signature.ts';
import type { Database } from '../db/database.ts';
import { Secret } from '../lib/secret.ts';
import type { Keys } from '../storage/sealed.ts';

/** Where the identity rests. */
interface SecretPlace {
  get(id: string): Promise<Secret | null>;
  set(id: string, secret: Secret): Promise<void>;
}

const entry = 'storage-identity';
const signingEntry = 'signing-key';
const recoveryRow = 'recovery_recipient';
const usedRow = 'storage_recipient';

/**
 * The keys backups are sealed with: the agent's own, made at first use, and the recovery key's public half if there is one.
 * @throws AppError `vault-unavailable` when the identity was there once and is gone: a new one would quietly split the backups
 */
export async function storageKeys(vault: SecretPlace, db: Database): Promise<Keys> {
  const known = await vault.get(entry);
  const recipientBefore = await readMeta(db, usedRow);
  if (known === null && recipientBefore !== null) {
    throw new AppError('vault-unavailable', 'the vault no longer holds the key that opens the backups', {
      remedy: 'bring the vault back from a copy; without it only the recovery key opens them',
    });
  }
  const identity = known ?? new Secret(await generateX25519Identity());
  const own = await identityToRecipient(identity.reveal());
  if (known === null) await vault.set(entry, identity);
  await writeMeta(db, usedRow, own);
  const recovery = await readMeta(db, recoveryRow);
  return { identity, recipients: recovery === null ? [own] : [own, recovery] };
}

/** The key that signs the lists of runs, made at first use. */
export async function signingKey(vault: SecretPlace): Promise<Secret> {
  const known = await vault.get(signingEntry);
  if (known !== null) return known;
  const made = newSigningKey();
  await vault.set(signingEntry, made);
  return made;
}

/** Makes a recovery key. Its public half is kept, the identity is returned once and stored nowhere; an earlier recovery key no longer gets new backups. */
export async function createRecoveryKey(db: Database): Promise<{ recipient: string; identity: string }> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await writeMeta(db, recoveryRow, recipient);
  return { recipient, identity };
}

export async function readMeta(db: Database, name: string): Promise<string | null> {
  const row = await db.selectFrom('meta').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value ?? null;
}

export async function writeMeta(db: Database, name: string, value: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
