import { Job, Run, type RunDetail, type Throttle, type Wait } from '@gitprotect/shared/run';
import { AppError } from '@gitprotect/shared/errors';
import { sql } from 'kysely';
import * as v from 'valibot';
import type { Database } from '../db/database.ts';
import type { Clock } from '../lib/clock.ts';
import { RunBatch } from './run-batch.ts';

/**
 * Runs, their jobs and throttles in the database. What is saved while a run is on its way is written in batches, for each write waits for the disk;
 * whoever reads sees all of it. A kill loses the last moments of a record, never of a backup: those are in storage.
 */
export interface RunStore extends AsyncDisposable {
  /** Inserts or replaces the run itself. A run's first record and its last are on disk when this resolves. */
  save(run: Run): Promise<void>;
  saveJob(runId: string, position: number, job: Job): Promise<void>;
  addThrottle(runId: string, throttle: Throttle): Promise<void>;
  addWait(runId: string, wait: Wait): Promise<void>;
  /** Newest first. */
  list(filter: { planId?: string | undefined; limit?: number | undefined }): Promise<Run[]>;
  /** @throws AppError `not-found` */
  detail(id: string): Promise<RunDetail>;
  /**
   * Marks runs that a stopped agent left behind; they completed some repos and the next run completes the rest. One that had a window is paused: it
   * goes on as soon as that is open.
   */
  closeInterrupted(at: string): Promise<Run[]>;
}

/** What becomes of a job that its run came to no end with, and that another run will take up. */
export const laidDown = { phase: 'waiting', outcome: null, startedAt: null, received: 0 } as const satisfies Partial<Job>;

/** Whether it was done all the same, storage knows: the next run finds what is there. */
const interruption = 'the agent was stopped before this was done; the next run completes it';

const hasWindow = ({ closesAt }: Run): boolean => typeof closesAt === 'string';

const parse = (row: { run_json: string }): Run => v.parse(Run, JSON.parse(row.run_json));

export function runStore(db: Database, clock: Clock): RunStore {
  const batch = new RunBatch(db, clock);
  const begun = new Set<string>();
  const save = async (run: Run): Promise<void> => {
    batch.run(run);
    const first = !begun.has(run.id);
    if (run.state === 'running') begun.add(run.id);
    else begun.delete(run.id);
    await (first || run.state !== 'running' ? batch.write() : batch.writeWhenFull());
  };
  const saveJob: RunStore['saveJob'] = async (runId, position, job) => {
    batch.job(runId, position, job);
    await batch.writeWhenFull();
  };
  return {
    save,
    saveJob,
    addThrottle: async (runId, throttle) => {
      batch.throttle(runId, throttle);
      await batch.writeWhenFull();
    },
    addWait: async (runId, wait) => {
      batch.wait(runId, wait);
      await batch.writeWhenFull();
    },
    list: async ({ planId, limit }) => {
      await batch.write();
      const rows = await db
        .selectFrom('runs')
        .select('run_json')
        .$if(planId !== undefined, (query) => query.where('plan_id', '=', planId ?? ''))
        .orderBy('started_at', 'desc')
        .orderBy(sql`rowid`, 'desc')
        .limit(limit ?? 50)
        .execute();
      return rows.map(parse);
    },
    detail: async (id) => {
      await batch.write();
      const row = await db.selectFrom('runs').select('run_json').where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw new AppError('not-found', `there is no run ${id}`, { remedy: 'list the runs: gitprotect-agent runs' });
      const jobs = await db.selectFrom('jobs').select('job_json').where('run_id', '=', id).orderBy('position').execute();
      const throttles = await db.selectFrom('throttles').selectAll().where('run_id', '=', id).orderBy('from_at').execute();
      const waits = await db.selectFrom('waits').selectAll().where('run_id', '=', id).orderBy('from_at').execute();
      return {
        ...parse(row),
        jobs: jobs.map((job) => v.parse(Job, JSON.parse(job.job_json))),
        throttles: throttles.map((one) => ({
          credentialId: one.credential_id,
          ownerSlug: one.owner_slug,
          from: one.from_at,
          until: one.until_at,
        })),
        waits: waits.map((one) => ({ from: one.from_at, until: one.until_at })),
      };
    },
    closeInterrupted: async (at) => {
      const rows = await db.selectFrom('runs').select('run_json').where('state', '=', 'running').execute();
      const closed: Run[] = [];
      for (const run of rows.map(parse)) {
        const jobs = await db.selectFrom('jobs').select(['position', 'job_json']).where('run_id', '=', run.id).execute();
        let { skipped } = run.counts;
        for (const { position, job_json } of jobs) {
          const job = v.parse(Job, JSON.parse(job_json));
          if (job.phase === 'done') continue;
          if (hasWindow(run)) {
            await saveJob(run.id, position, { ...job, ...laidDown });
            continue;
          }
          skipped += 1;
          await saveJob(run.id, position, { ...job, phase: 'done', outcome: { state: 'skipped', reason: interruption }, endedAt: at });
        }
        const ended: Run = { ...run, counts: { ...run.counts, skipped }, state: hasWindow(run) ? 'paused' : 'interrupted', endedAt: at };
        await save(ended);
        closed.push(ended);
      }
      return closed;
    },
    [Symbol.asyncDispose]: () => batch[Symbol.asyncDispose](),
  };
}
