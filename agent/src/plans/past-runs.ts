import type { PastJob, PastRun } from '@gitprotect/shared/forecast';
import { Job, type RunDetail, type Wait } from '@gitprotect/shared/run';
import { sql } from 'kysely';
import * as v from 'valibot';
import type { RunStore } from '../backup/run-store.ts';
import type { Database } from '../db/database.ts';

/** Runs that a forecast looks at. */
const most = 7;

/** The plan's last runs, without the one on its way. */
export async function pastRuns(runs: Pick<RunStore, 'list' | 'detail'>, planId: string): Promise<PastRun[]> {
  const ended = (await runs.list({ planId, limit: most + 1 })).filter(({ endedAt }) => endedAt !== null).slice(0, most);
  const past: PastRun[] = [];
  for (const { id } of ended) past.push(pastRun(await runs.detail(id)));
  return past;
}

/** What a run cost, without the time in which it only waited for throttled users, and without what was carried over from another. */
export function pastRun({ jobs, requests, startedAt, endedAt, waits }: RunDetail): PastRun {
  const ofRepos = jobs.reduce((sum, job) => sum + job.requests, 0);
  return {
    jobs: jobs.flatMap((job) => pastJob(job, waits) ?? []),
    beside: Math.max(0, requests - ofRepos),
    work: endedAt === null ? 0 : workIn(startedAt, endedAt, waits),
  };
}

/** Of each repo of these projects the last time it was saved in full, in whatever plan. */
export async function lastFulls(db: Database, projectIds: readonly string[]): Promise<PastJob[]> {
  if (projectIds.length === 0) return [];
  const rows = await db
    .selectFrom('jobs')
    .innerJoin('repos', (join) => join.onRef('repos.server_id', '=', 'jobs.server_id').onRef('repos.repo_id', '=', 'jobs.repo_id'))
    .select(['jobs.run_id', 'jobs.job_json'])
    .where('repos.project_id', 'in', projectIds)
    .where(sql<boolean>`json_extract(job_json, '$.outcome.kind') = 'full'`)
    .orderBy(sql`jobs.rowid`)
    .execute();
  const jobs = rows.map((row) => ({ runId: row.run_id, job: v.parse(Job, JSON.parse(row.job_json)) }));
  const last = new Map(jobs.map((one) => [`${one.job.serverId} ${one.job.repoId}`, one]));
  const runIds = [...new Set([...last.values()].map(({ runId }) => runId))];
  const waits = runIds.length === 0 ? [] : await db.selectFrom('waits').selectAll().where('run_id', 'in', runIds).execute();
  const waitsOf = Map.groupBy(waits, (one) => one.run_id);
  return [...last.values()].flatMap(
    ({ runId, job }) =>
      pastJob(
        job,
        (waitsOf.get(runId) ?? []).map((one) => ({ from: one.from_at, until: one.until_at })),
      ) ?? [],
  );
}

function pastJob({ outcome, requests, startedAt, endedAt, doneIn }: Job, waits: readonly Wait[]): PastJob | null {
  if (doneIn !== undefined || startedAt === null || endedAt === null) return null;
  if (outcome?.state !== 'saved' && outcome?.state !== 'unchanged') return null;
  const saved = outcome.state === 'saved';
  return {
    full: saved && outcome.kind === 'full',
    requests,
    bytes: saved ? outcome.bytes : 0,
    work: workIn(startedAt, endedAt, waits),
  };
}

/** Milliseconds between two times that are not in a wait; waits do not overlap. */
function workIn(startedAt: string, endedAt: string, waits: readonly Wait[]): number {
  const [from, to] = [Date.parse(startedAt), Date.parse(endedAt)];
  const waited = waits.reduce(
    (sum, wait) => sum + Math.max(0, Math.min(to, Date.parse(wait.until)) - Math.max(from, Date.parse(wait.from))),
    0,
  );
  return Math.max(0, to - from - waited);
}
