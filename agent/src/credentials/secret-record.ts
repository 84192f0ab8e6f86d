import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../db/schema.ts';
import type { Secret } from '../lib/secret.ts';

/** As much of the vault as credentials need. */
export interface SecretVault {
  /** Whether it must be opened first; absent where it always is. */
  readonly locked?: boolean;
  get(id: string): Promise<Secret | null>;
  set(id: string, secret: Secret): Promise<void>;
  delete(id: string): Promise<void>;
}

/*
 * A row and its secret lie in two places that no transaction spans. So a note goes first: "the vault may hold a secret under this id
 * that no row stands for". The transaction that writes the row takes the note away; the one that deletes the row leaves it.
 * Whatever note a crash leaves behind is dealt with by `sweepSecrets`.
 */
const prefix = 'stray-secret:';

type Write<T> = (transaction: Transaction<Tables>) => Promise<T>;

/** Puts `secret` into the vault, then writes its row. When this resolves both are there; when it rejects, neither. */
export async function storeSecret<T>(
  { db, vault }: { db: Kysely<Tables>; vault: SecretVault },
  id: string,
  secret: Secret,
  writeRow: Write<T>,
): Promise<T> {
  await note(db, id);
  try {
    await vault.set(id, secret);
    return await db.transaction().execute(async (transaction) => {
      const written = await writeRow(transaction);
      await transaction
        .deleteFrom('meta')
        .where('name', '=', prefix + id)
        .execute();
      return written;
    });
  } catch (error) {
    await eraseStray(db, vault, id);
    throw error;
  }
}

/**
 * Puts `secret` into the vault under a new id and writes what now stands for it, then erases those it takes the place of. At every moment the row
 * names a secret that is there.
 */
export async function replaceSecret(
  places: { db: Kysely<Tables>; vault: SecretVault },
  { id, retired }: { readonly id: string; readonly retired: readonly string[] },
  secret: Secret,
  writeRow: Write<void>,
): Promise<void> {
  await storeSecret(places, id, secret, async (transaction) => {
    await writeRow(transaction);
    for (const old of retired) await note(transaction, old);
  });
  for (const old of retired) {
    // The new one is in place whatever becomes of the old; its note has the next start try again.
    await eraseStray(places.db, places.vault, old).catch(() => undefined);
  }
}

/** Deletes a row, then its secret. Once the row is gone the secret follows, if need be at the next start. */
export async function eraseSecret(
  { db, vault }: { db: Kysely<Tables>; vault: SecretVault },
  id: string,
  deleteRow: Write<void>,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await deleteRow(transaction);
    await note(transaction, id);
  });
  await eraseStray(db, vault, id);
}

/** Erases the secrets that a crash left without a row; answers how many. For the one process that holds the agent's lock, at its start. */
export async function sweepSecrets(db: Kysely<Tables>, vault: SecretVault): Promise<number> {
  const notes = await db.selectFrom('meta').select('name').where('name', 'like', `${prefix}%`).execute();
  for (const { name } of notes) await eraseStray(db, vault, name.slice(prefix.length));
  return notes.length;
}

async function note(db: Kysely<Tables>, id: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ name: prefix + id, value: '' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function eraseStray(db: Kysely<Tables>, vault: SecretVault, id: string): Promise<void> {
  await vault.delete(id);
  await db
    .deleteFrom('meta')
    .where('name', '=', prefix + id)
    .execute();
}
