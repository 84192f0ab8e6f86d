import { CompiledQuery, sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { type Database, openDatabase } from '../db/database.ts';
import { leansKnown } from './leans.ts';
import { forgetUnlisted, noteUnlisted } from './unlisted.ts';

/** How SQLite looks up what `work` asks about a table, a line for each step. */
async function plansOf(db: Database, table: string, work: () => Promise<unknown>): Promise<string[]> {
  const asked = vi.spyOn(db.getExecutor(), 'executeQuery');
  await work();
  const queries = asked.mock.calls.map(([query]) => query).filter((query) => query.sql.includes(table));
  asked.mockRestore();
  const plans = await Promise.all(
    queries.map((query) =>
      db.executeQuery<{ detail: string }>(CompiledQuery.raw(`explain query plan ${query.sql}`, [...query.parameters])),
    ),
  );
  return plans.flatMap(({ rows }) => rows.map(({ detail }) => detail));
}

test('what leans on a repo is found by the repo, however many forks there are', async () => {
  const db = openDatabase(':memory:');
  const plans = await plansOf(db, 'snapshots', () => leansKnown(db, { serverId: 's1', repoId: 42 }));
  const all = await plansOf(db, 'snapshots', () => leansKnown(db));
  expect(all[0]).toMatch(/^SCAN snapshots USING INDEX leaning_snapshots/);
  expect(plans[0]).toMatch(/^SEARCH snapshots USING INDEX \w+ \(server_id=\? AND <expr>=\?\)/);
});

test('what a list names is no longer noted, found by its name; what was written anew meanwhile still is', async () => {
  const db = openDatabase(':memory:');
  const [aa = '', bb = ''] = ['a', 'b'].map((digit) => digit.repeat(64));
  const beside = [
    { name: 'x', sha256: aa },
    { name: 'y', sha256: bb },
  ];
  await noteUnlisted(db, { serverId: 's1', runId: 'run_1', manifest: { name: 'm1', sha256: aa }, beside });
  await noteUnlisted(db, { serverId: 's1', runId: 'run_1', manifest: { name: 'm2', sha256: aa }, beside });
  const listed = [
    { name: 'x', sha256: aa },
    { name: 'y', sha256: aa },
    { name: 'm1', sha256: aa },
  ];
  const many = Array.from({ length: 2000 }, (_, at) => ({ name: `z${at}`, sha256: aa }));
  const plans = await plansOf(db, 'unlisted', () => forgetUnlisted(db, [...listed, ...many]));
  expect(plans.length).toBeLessThan(10);
  expect(plans).toContainEqual(expect.stringMatching(/^SEARCH unlisted USING (COVERING )?INDEX \w+ \(name=\?/));
  expect(plans).not.toContainEqual(expect.stringMatching(/^SCAN unlisted/));
  const left = await sql<{ manifest: string; name: string }>`select manifest, name from unlisted order by manifest, name`.execute(db);
  expect(left.rows.map(({ manifest, name }) => `${manifest} ${name}`)).toEqual(['m1 y', 'm2 m2', 'm2 y']);
});
