import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openDatabase } from './database.ts';

const place = () => join(mkdtempSync(join(tmpdir(), 'gitprotect-db-')), 'gitprotect.db');

describe('the database', () => {
  test('is made on first use and keeps what was written', async () => {
    const file = place();
    {
      await using db = openDatabase(file);
      await db.insertInto('meta').values({ name: 'a', value: '1' }).execute();
    }
    await using db = openDatabase(file);
    expect(await db.selectFrom('meta').selectAll().execute()).toEqual([{ name: 'a', value: '1' }]);
  });

  test('of a newer release is refused and left as it is', () => {
    const file = place();
    const sqlite = new Sqlite(file);
    sqlite.pragma('user_version = 999');
    sqlite.close();
    expect(() => openDatabase(file)).toThrow(/newer release/);
    const again = new Sqlite(file);
    expect(again.pragma('user_version', { simple: true })).toBe(999);
    again.close();
  });

  test('that is not a database is refused with its path', () => {
    const file = place();
    writeFileSync(file, 'x'.repeat(5000));
    expect(() => openDatabase(file)).toThrow(file);
  });

  test('lets a credential be the own one of a project only once', async () => {
    await using db = openDatabase(':memory:');
    const at = '2026-01-01T00:00:00.000Z';
    await db
      .insertInto('servers')
      .values({ id: 's', url: 'https://b', version: null, ca: null, git_protocol: null, added_at: at })
      .execute();
    await db
      .insertInto('projects')
      .values({ id: 'p', server_id: 's', key: 'ORCH', name: null, bitbucket_id: null, added_at: at })
      .execute();
    const credential = {
      server_id: 's',
      name: 'n',
      token_id: null,
      kind: 'user',
      owner_json: null,
      permissions_json: null,
      expires_at: null,
      health_json: '{}',
      added_at: at,
      last_used_at: null,
    } as const;
    await db
      .insertInto('credentials')
      .values([
        { id: 'a', secret_id: 'a', ...credential },
        { id: 'b', secret_id: 'b', ...credential },
      ])
      .execute();
    await db.insertInto('attachments').values({ credential_id: 'a', project_id: 'p', own: 1, sees: null, of: null }).execute();
    const second = db.insertInto('attachments').values({ credential_id: 'b', project_id: 'p', own: 1, sees: null, of: null }).execute();
    await expect(second).rejects.toThrow(/UNIQUE/);
  });
});
