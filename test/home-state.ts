import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** What may change although nothing does: logs, and who works in the home at the moment. */
const passing = /^(?:logs\/|agent\.lock|agent\.json|cli\.key|gitprotect\.db)/;

/**
 * Everything of consequence in a home, one line for each file and for each row of the database. Two that are equal mean: nothing was changed.
 * @param ignoring tables that may differ
 */
export function stateOf(home: string, ignoring: readonly string[] = []): string[] {
  const entries = existsSync(home) ? readdirSync(home, { recursive: true, withFileTypes: true }) : [];
  const files = entries
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ entry, path }) => !entry.isDirectory() && !passing.test(relative(home, path)))
    .map(({ entry, path }) => `${relative(home, path)} ${entry.isSymbolicLink() ? readlinkSync(path) : sha256(readFileSync(path))}`);
  return [...files.toSorted(), ...rowsOf(join(home, 'gitprotect.db'), ignoring)];
}

function rowsOf(file: string, ignoring: readonly string[]): string[] {
  if (!existsSync(file)) return [];
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true });
    const open = db;
    const names = open.prepare(`select name from sqlite_schema where type = 'table' order by name`).all();
    const tables = names.map(({ name }) => String(name)).filter((name) => !ignoring.includes(name));
    return tables.flatMap((name) =>
      open
        .prepare(`select * from "${name}"`)
        .all()
        .map((row) => `${name} ${JSON.stringify(row)}`)
        .toSorted(),
    );
  } catch {
    // What SQLite cannot read is compared as it is.
    return [`gitprotect.db ${sha256(readFileSync(file))}`];
  } finally {
    db?.close();
  }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
