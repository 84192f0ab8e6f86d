import type { ErrorReport } from '@gitprotect/shared/errors';
import type { Job, Outcome, Run, Throttle, UsedCredential, Wait } from '@gitprotect/shared/run';
import type { Clock } from '../lib/clock.ts';
import { laidDown, type RunStore } from './run-store.ts';

/** Where news of a run go. */
export interface RunAudience {
  readonly store: RunStore;
  readonly publish: (run: Run, job: Job | null, more?: { readonly throttle?: Throttle; readonly wait?: Wait }) => void;
  readonly clock: Clock;
}

/** Bytes are told at most this often, in milliseconds. */
const often = 250;

/** The record of one run as it grows: every change is written down and told, bytes in between are only told. */
export class RunProgress {
  #run: Run;
  readonly #jobs: Job[] = [];
  readonly #audience: RunAudience;
  #toldAt = 0;
  /** How credentials are called. */
  #names: readonly Omit<UsedCredential, 'requests'>[] = [];
  #waitsUntil = 0;

  constructor(run: Run, audience: RunAudience) {
    this.#run = run;
    this.#audience = audience;
  }

  get run(): Run {
    return this.#run;
  }

  /** Whether a job waits or is on its way. */
  get unfinished(): boolean {
    return this.#jobs.some(({ phase }) => phase !== 'done');
  }

  /** @param names how the credentials are called that may serve it */
  async begin(names: readonly Omit<UsedCredential, 'requests'>[]): Promise<void> {
    this.#names = names;
    await this.#saveRun();
  }

  /** Adds the repos of the run in the order they will be taken: waiting, or done by the run that this one goes on from. */
  async plan(jobs: readonly Job[]): Promise<void> {
    const counts = { ...this.#run.counts };
    for (const job of jobs) {
      this.#jobs.push(job);
      await this.#audience.store.saveJob(this.#run.id, this.#jobs.length - 1, job);
      if (job.outcome !== null) counts[job.outcome.state] += 1;
    }
    this.#run = { ...this.#run, repos: this.#jobs.length, counts };
    await this.#saveRun();
  }

  async start(position: number): Promise<void> {
    await this.#change(position, { phase: 'running', startedAt: this.#now() });
  }

  /** Pack bytes of one job so far. */
  received(position: number, bytes: number): void {
    const job = this.#jobs[position];
    if (job === undefined) return;
    this.#jobs[position] = { ...job, received: bytes };
    const now = this.#audience.clock.now();
    if (now - this.#toldAt < often) return;
    this.#toldAt = now;
    this.#audience.publish(this.#run, this.#jobs[position]);
  }

  /** All users of a job are throttled until then (milliseconds since 1970): it waits, uncounted, for it goes on by itself. `null`: it does. */
  async waiting(position: number, until: number | null): Promise<void> {
    if (this.#jobs[position]?.phase !== 'running') return;
    const from = Math.max(this.#audience.clock.now(), this.#waitsUntil);
    const isNews = until !== null && until > from;
    if (isNews) this.#waitsUntil = until;
    await this.#change(position, { outcome: until === null ? null : { state: 'throttled', until: new Date(until).toISOString() } });
    if (!isNews) return;
    const wait = { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
    await this.#audience.store.addWait(this.#run.id, wait);
    this.#audience.publish(this.#run, null, { wait });
  }

  /** A request goes out with this credential, for the job at `position`, or for no repo. */
  requested(credentialId: string, position?: number): void {
    const { requests, credentials } = this.#run;
    const known = credentials.find((one) => one.credentialId === credentialId);
    const more = { ...(known ?? this.#named(credentialId)), requests: (known?.requests ?? 0) + 1 };
    this.#run = {
      ...this.#run,
      requests: requests + 1,
      credentials: known === undefined ? [...credentials, more] : credentials.map((one) => (one === known ? more : one)),
    };
    const job = position === undefined ? undefined : this.#jobs[position];
    if (position === undefined || job === undefined) return;
    const { credentialIds: ids } = job;
    const credentialIds = ids.includes(credentialId) ? ids : [...ids, credentialId];
    this.#jobs[position] = { ...job, requests: job.requests + 1, credentialIds };
  }

  #named(credentialId: string): Omit<UsedCredential, 'requests'> {
    return this.#names.find((one) => one.credentialId === credentialId) ?? { credentialId, name: credentialId, ownerSlug: null };
  }

  async end(position: number, outcome: Outcome): Promise<void> {
    const { counts, bytes } = this.#run;
    this.#run = {
      ...this.#run,
      counts: { ...counts, [outcome.state]: counts[outcome.state] + 1 },
      bytes: bytes + (outcome.state === 'saved' ? outcome.bytes : 0),
    };
    await this.#change(position, { phase: 'done', outcome, endedAt: this.#now() });
    await this.#audience.store.save(this.#run);
  }

  /** What concerns the run as a whole. */
  async problem(report: ErrorReport): Promise<void> {
    const { code, message, remedy } = report;
    this.#run = { ...this.#run, problems: [...this.#run.problems, remedy === undefined ? { code, message } : { code, message, remedy }] };
    await this.#saveRun();
  }

  /** What is worth knowing and costs no repo its backup. */
  async notices(messages: readonly string[]): Promise<void> {
    if (messages.length === 0) return;
    this.#run = { ...this.#run, notices: [...(this.#run.notices ?? []), ...messages] };
    await this.#saveRun();
  }

  async throttled(throttle: Throttle): Promise<void> {
    await this.#audience.store.addThrottle(this.#run.id, throttle);
    this.#audience.publish(this.#run, null, { throttle });
  }

  /** Closes the run. Jobs that never ended are told as skipped, with the reason; in a paused run they wait for the next. */
  async close(state: 'cancelled' | 'paused' | null, reason: string): Promise<Run> {
    const left = [...this.#jobs.entries()].filter(([, { phase }]) => phase !== 'done');
    for (const [position] of left) {
      if (state === 'paused') await this.#change(position, laidDown);
      else await this.end(position, { state: 'skipped', reason });
    }
    this.#run = { ...this.#run, state: state ?? verdict(this.#run), endedAt: this.#now() };
    await this.#saveRun();
    return this.#run;
  }

  async #change(position: number, change: Partial<Job>): Promise<void> {
    const job = this.#jobs[position];
    if (job === undefined) return;
    const changed = { ...job, ...change };
    this.#jobs[position] = changed;
    await this.#audience.store.saveJob(this.#run.id, position, changed);
    this.#audience.publish(this.#run, changed);
  }

  async #saveRun(): Promise<void> {
    await this.#audience.store.save(this.#run);
    this.#audience.publish(this.#run, null);
  }

  #now(): string {
    return new Date(this.#audience.clock.now()).toISOString();
  }
}

/** How a run that went to its end is called. No repo at all, or none saved, is never a success. */
export function verdict({ counts, repos, problems }: Pick<Run, 'counts' | 'repos' | 'problems'>): 'succeeded' | 'partial' | 'failed' {
  const bad = counts.failed + counts.throttled + counts.skipped;
  const good = counts.saved + counts.unchanged;
  if (bad === 0 && problems.every(({ code }) => harmless.has(code))) return repos > 0 || problems.length === 0 ? 'succeeded' : 'failed';
  return good > 0 ? 'partial' : 'failed';
}

/** Problems that cost no repo its backup: somebody must see to them, but what the run was for was done. */
const harmless: ReadonlySet<string> = new Set(['token-rejected', 'token-expired', 'token-no-read', 'mass-change']);
