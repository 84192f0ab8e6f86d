import type { Finding } from '@gitprotect/shared/finding';
import { sql, type Kysely } from 'kysely';
import type { Tables } from '../db/schema.ts';
import { ok, problem } from './finding.ts';

/** Whether SQLite finds its own file whole. */
export async function examineDatabase(db: Kysely<Tables>): Promise<Finding> {
  const remedy = 'stop the agent and put back a copy of gitprotect.db, or move it away: "catalogue rebuild" then finds all backups again';
  try {
    const check = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db);
    const said = check.rows[0]?.quick_check ?? 'nothing';
    if (said !== 'ok') return problem('database', `the database is damaged: ${said}`, remedy);
    const version = await sql<{ user_version: number }>`pragma user_version`.execute(db);
    return ok('database', `whole, version ${version.rows[0]?.user_version ?? 0}`);
  } catch (error) {
    return problem('database', `the database cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`, remedy);
  }
}
