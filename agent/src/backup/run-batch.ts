import type { Job, Run, Throttle, Wait } from '@gitprotect/shared/run';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import type { RunRow, ThrottleRow, WaitRow } from '../db/schema.ts';
import type { Clock } from '../lib/clock.ts';

/** So many changes are worth a write to disk, if the last one is so long ago, in milliseconds. */
const worth = { changes: 100, pause: 1000 };

interface Waiting {
  readonly runs: Map<string, Run>;
  /** By run and repo: of two changes of one job the later stands. */
  readonly jobs: Map<string, { readonly runId: string; readonly position: number; readonly job: Job }>;
  readonly throttles: ThrottleRow[];
  readonly waits: WaitRow[];
}

const none = (): Waiting => ({ runs: new Map(), jobs: new Map(), throttles: [], waits: [] });

/** Changes of runs that are written together: one transaction, which is one wait for the disk, for many of them. */
export class RunBatch implements AsyncDisposable {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #over = new AbortController();
  #waiting = none();
  #changes = 0;
  #writtenAt = 0;
  #later: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  run(run: Run): void {
    this.#waiting.runs.set(run.id, run);
    this.#changes += 1;
  }

  job(runId: string, position: number, job: Job): void {
    this.#waiting.jobs.set(`${runId} ${job.serverId} ${job.repoId}`, { runId, position, job });
    this.#changes += 1;
  }

  throttle(runId: string, { credentialId, ownerSlug, from, until }: Throttle): void {
    this.#waiting.throttles.push({ run_id: runId, credential_id: credentialId, owner_slug: ownerSlug, from_at: from, until_at: until });
    this.#changes += 1;
  }

  wait(runId: string, { from, until }: Wait): void {
    this.#waiting.waits.push({ run_id: runId, from_at: from, until_at: until });
    this.#changes += 1;
  }

  /** Writes when so much waits that a kill would lose more than moments. */
  async writeWhenFull(): Promise<void> {
    if (this.#changes < worth.changes) return;
    // Clocks are set back, too.
    if (Math.abs(this.#clock.now() - this.#writtenAt) >= worth.pause) await this.write();
    else this.#later ??= this.#writeLater().finally(() => (this.#later = undefined));
  }

  /** Changes may end with a burst: then nobody else would write it for as long as a job takes. What fails is told by the next write. */
  async #writeLater(): Promise<void> {
    try {
      await this.#clock.sleep(worth.pause, this.#over.signal);
      await this.write();
    } catch {
      // It goes on waiting.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#later;
    await this.write();
  }

  /** Writes all that waits. What cannot be written goes on waiting, and this rejects. */
  async write(): Promise<void> {
    const turn = this.#writing.then(() => this.#writeNow());
    this.#writing = turn.catch(() => undefined);
    await turn;
  }

  async #writeNow(): Promise<void> {
    if (this.#changes === 0) return;
    const [taken, changes] = [this.#waiting, this.#changes];
    this.#waiting = none();
    this.#changes = 0;
    this.#writtenAt = this.#clock.now();
    try {
      await this.#db.transaction().execute(async (transaction) => {
        for (const run of taken.runs.values()) {
          const row = runRow(run);
          await transaction
            .insertInto('runs')
            .values(row)
            .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
            .execute();
        }
        // As one value: a thousand rows of parameters take longer to put together than to write.
        await sql`
          insert into jobs (run_id, server_id, repo_id, position, job_json)
          select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 from json_each(${jobRows(taken.jobs)}) where true
          on conflict (run_id, server_id, repo_id) do update set position = excluded.position, job_json = excluded.job_json`.execute(
          transaction,
        );
        if (taken.throttles.length > 0) await transaction.insertInto('throttles').values(taken.throttles).execute();
        if (taken.waits.length > 0) await transaction.insertInto('waits').values(taken.waits).execute();
      });
    } catch (error) {
      // What came meanwhile is newer.
      this.#waiting = {
        runs: new Map([...taken.runs, ...this.#waiting.runs]),
        jobs: new Map([...taken.jobs, ...this.#waiting.jobs]),
        throttles: [...taken.throttles, ...this.#waiting.throttles],
        waits: [...taken.waits, ...this.#waiting.waits],
      };
      this.#changes += changes;
      throw error;
    }
  }
}

const runRow = (run: Run): RunRow => ({
  id: run.id,
  plan_id: run.planId,
  state: run.state,
  started_at: run.startedAt,
  ended_at: run.endedAt,
  run_json: JSON.stringify(run),
});

const jobRows = (jobs: Waiting['jobs']): string =>
  JSON.stringify(Array.from(jobs.values(), ({ runId, position, job }) => [runId, job.serverId, job.repoId, position, JSON.stringify(job)]));
