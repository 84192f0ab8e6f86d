import Sqlite from 'better-sqlite3';
import { AppError } from '@gitprotect/shared/errors';
import { Kysely, SqliteDialect } from 'kysely';
import { createPrivate } from '../lib/private-file.ts';
import { migrations } from './migrations.ts';
import type { Tables } from './schema.ts';

/** The agent's database. Dispose closes the file. */
export type Database = Kysely<Tables> &
  AsyncDisposable & {
    /** A number that grows with every row this process writes; others do not write while it holds the home. */
    changes(): number;
  };

/**
 * Opens the database at `file` (or `:memory:`) and brings it to the current version, each migration in one transaction.
 * @throws AppError `database-newer` when a later release has written it, `database-corrupt` when SQLite cannot read it
 */
export function openDatabase(file: string): Database {
  const sqlite = open(file);
  try {
    migrate(sqlite, file);
  } catch (error) {
    sqlite.close();
    throw error;
  }
  const kysely = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }) });
  const changes = sqlite.prepare<[], number>('select total_changes()').pluck();
  return Object.assign(kysely, { changes: () => changes.get() ?? 0, [Symbol.asyncDispose]: () => kysely.destroy() });
}

function open(file: string): Sqlite.Database {
  let sqlite: Sqlite.Database | undefined;
  try {
    // SQLite gives its journals the mode of the database.
    if (file !== ':memory:') createPrivate(file);
    sqlite = new Sqlite(file);
    // WAL lets the command line read while the agent writes; the foreign keys are what the cascades stand on.
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = FULL');
    sqlite.pragma('foreign_keys = ON');
    sqlite.pragma('busy_timeout = 5000');
    const check = sqlite.pragma('quick_check(1)', { simple: true });
    if (check !== 'ok') throw new Error(String(check));
    return sqlite;
  } catch (error) {
    sqlite?.close();
    throw new AppError('database-corrupt', `the database ${file} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`, {
      cause: error,
      remedy: 'put back a copy of the file, or move it away: "catalogue rebuild" then finds all backups in storage again',
    });
  }
}

function migrate(sqlite: Sqlite.Database, file: string): void {
  const version = Number(sqlite.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    throw new AppError(
      'database-newer',
      `the database ${file} was written by a newer release (version ${version}, this one knows ${migrations.length})`,
      {
        remedy: 'install the newer release again; nothing was changed',
      },
    );
  }
  for (const [index, statements] of migrations.slice(version).entries()) {
    sqlite.transaction(() => {
      for (const statement of statements) sqlite.exec(statement);
      sqlite.pragma(`user_version = ${version + index + 1}`);
    })();
  }
}
