import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../db/database.ts';
import { Secret } from '../lib/secret.ts';
import { eraseSecret, type SecretVault, storeSecret, sweepSecrets } from './secret-record.ts';

const canary = new Secret('CANARY-record');

/** A vault in memory; `dies` makes the named call fail as if the process had died there. */
class DyingVault implements SecretVault {
  readonly entries = new Map<string, Secret>();
  dies: 'set' | 'delete' | undefined;

  async get(id: string): Promise<Secret | null> {
    return this.entries.get(id) ?? null;
  }
  async set(id: string, secret: Secret): Promise<void> {
    this.entries.set(id, secret);
    if (this.dies === 'set') throw new Error('died');
  }
  async delete(id: string): Promise<void> {
    if (this.dies !== undefined) throw new Error('died');
    this.entries.delete(id);
  }
}

let db: Database;
let vault: DyingVault;
beforeEach(() => {
  db = openDatabase(':memory:');
  vault = new DyingVault();
});
afterEach(() => db[Symbol.asyncDispose]());

const meta = async () => (await db.selectFrom('meta').selectAll().execute()).map(({ name }) => name);

describe('a secret and its row', () => {
  test('are both there afterwards, and no note is left', async () => {
    await storeSecret({ db, vault }, 'a', canary, async (transaction) => {
      await transaction.insertInto('meta').values({ name: 'row', value: '' }).execute();
    });
    expect(await vault.get('a')).toBe(canary);
    expect(await meta()).toEqual(['row']);
    expect(await sweepSecrets(db, vault)).toBe(0);
    expect(await vault.get('a')).toBe(canary);
  });

  test('are neither there when the process dies before the row; the next start erases the secret', async () => {
    vault.dies = 'set';
    await expect(storeSecret({ db, vault }, 'a', canary, async () => {})).rejects.toThrow('died');
    expect(vault.entries.size).toBe(1);
    vault.dies = undefined;
    expect(await sweepSecrets(db, vault)).toBe(1);
    expect(vault.entries.size).toBe(0);
    expect(await meta()).toEqual([]);
  });

  test('are neither there when the row is refused', async () => {
    const refuse = async () => {
      throw new Error('refused');
    };
    await expect(storeSecret({ db, vault }, 'a', canary, refuse)).rejects.toThrow('refused');
    expect(vault.entries.size).toBe(0);
    expect(await meta()).toEqual([]);
  });

  test('go together: a row deleted just before a crash takes its secret along at the next start', async () => {
    await storeSecret({ db, vault }, 'a', canary, async () => {});
    vault.dies = 'delete';
    await expect(eraseSecret({ db, vault }, 'a', async () => {})).rejects.toThrow('died');
    vault.dies = undefined;
    await sweepSecrets(db, vault);
    expect(vault.entries.size).toBe(0);
  });
});
