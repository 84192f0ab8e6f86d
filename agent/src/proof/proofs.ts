import type { Proof, ProofSummary, StorageProblem as Problem } from '@gitprotect/shared/proof';
import { StorageProblem } from '@gitprotect/shared/proof';
import { sql } from 'kysely';
import * as v from 'valibot';
import { Drilled, readDrillRecords } from '../catalogue/drill-record.ts';
import type { Database } from '../db/database.ts';
import type { DrillState } from './due.ts';
import type { ProofPlace } from './place.ts';

/** A repo with its newest snapshot, and what is known of its drills. */
export interface RepoProof extends DrillState {
  readonly serverId: string;
  readonly repoId: number;
  readonly projectKey: string;
  readonly slug: string;
}

const key = (row: { readonly server_id: string; readonly repo_id: number }): string => `${row.server_id}/${row.repo_id}`;

/** Every repo that has a snapshot. */
export async function repoProofs(db: Database): Promise<RepoProof[]> {
  const newest = await db
    .selectFrom('snapshots')
    .select(({ fn }) => ['server_id', 'repo_id', 'project_key', 'slug', fn.max('id').as('newest')])
    .groupBy(['server_id', 'repo_id'])
    .execute();
  const fulls = await db
    .selectFrom('snapshots')
    .select(({ fn }) => ['server_id', 'repo_id', fn.max('id').as('newest')])
    .where(sql`json_extract(snapshot_json, '$.kind')`, '=', 'full')
    .groupBy(['server_id', 'repo_id'])
    .execute();
  const drills = await db.selectFrom('drills').select(['server_id', 'repo_id', 'snapshot_id', 'at', 'proven']).orderBy('at').execute();
  const fullOf = new Map(fulls.map((row) => [key(row), row.newest]));
  const lastOf = new Map(drills.map((row) => [key(row), row]));
  return newest.map((row) => {
    const last = lastOf.get(key(row));
    return {
      serverId: row.server_id,
      repoId: row.repo_id,
      projectKey: row.project_key,
      slug: row.slug,
      newest: row.newest,
      newestFull: fullOf.get(key(row)) ?? null,
      last: last === undefined ? null : { snapshotId: last.snapshot_id, at: Date.parse(last.at), proven: last.proven === 1 },
    };
  });
}

/** The repos of a project, or of all, in one sentence's worth of figures. */
export function summaryOf(repos: readonly RepoProof[]): ProofSummary {
  const proven = repos.flatMap(({ last }) => (last?.proven === true ? [last.at] : []));
  return {
    repos: repos.length,
    proven: proven.length,
    since: proven.length === 0 ? null : new Date(proven.reduce((a, b) => Math.min(a, b))).toISOString(),
    failed: repos.filter(({ last }) => last?.proven === false).map(({ projectKey, slug }) => `${projectKey}/${slug}`),
  };
}

/** `server/repo/snapshot` -> its last drill. */
export async function proofsOf(db: Database): Promise<ReadonlyMap<string, Proof>> {
  const rows = await db.selectFrom('drills').selectAll().execute();
  return new Map(
    rows.map((row) => {
      const { at, proven, problems } = v.parse(Drilled, JSON.parse(row.drilled_json));
      return [`${row.server_id}/${row.repo_id}/${row.snapshot_id}`, { at, proven, problems }];
    }),
  );
}

/** Writes a drill down; of one snapshot the last stands. */
export async function rememberDrilled(db: Database, serverId: string, drilled: Drilled): Promise<void> {
  const row = {
    server_id: serverId,
    repo_id: drilled.id,
    snapshot_id: drilled.snapshotId,
    at: drilled.at,
    proven: drilled.proven ? 1 : 0,
    drilled_json: JSON.stringify(drilled),
  };
  await db
    .insertInto('drills')
    .values(row)
    .onConflict((conflict) => conflict.columns(['server_id', 'repo_id', 'snapshot_id']).doUpdateSet(row).where('drills.at', '<=', row.at))
    .execute();
}

/** Takes in the drills that storage has records of: after the database was lost, what was proven stays proven. */
export async function adoptDrills(place: ProofPlace, serverIds: readonly string[], signal: AbortSignal): Promise<void> {
  for (const serverId of serverIds) {
    for await (const { repos } of readDrillRecords({ ...place, storage: place.plain }, serverId, signal))
      for (const drilled of repos) await rememberDrilled(place.db, serverId, drilled);
  }
}

/** What the last verification found wrong. */
export async function findings(db: Database): Promise<Problem[]> {
  const rows = await db.selectFrom('findings').select('finding_json').orderBy('position').execute();
  return rows.map(({ finding_json }) => v.parse(StorageProblem, JSON.parse(finding_json)));
}

export async function rememberFindings(db: Database, storageId: string, problems: readonly Problem[]): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('findings').execute();
    for (const [position, problem] of problems.entries())
      await transaction
        .insertInto('findings')
        .values({ storage_id: storageId, position, finding_json: JSON.stringify(problem) })
        .execute();
  });
}
