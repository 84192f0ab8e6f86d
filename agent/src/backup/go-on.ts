import type { Job, Run } from '@gitprotect/shared/run';
import type { RepoToSave } from './repo-access.ts';
import { waiting } from './waiting-job.ts';
import type { RunStore } from './run-store.ts';

/** What a run takes over from the paused one before it. */
export interface GoesOn {
  readonly runId: string;
  /** Its jobs that need not be done again. */
  readonly done: readonly Job[];
}

/** What the plan's last run left, if it was paused. */
export async function leftBy(runs: Pick<RunStore, 'list' | 'detail'>, planId: string): Promise<GoesOn | null> {
  const [last] = await runs.list({ planId, limit: 1 });
  if (last?.state !== 'paused') return null;
  const { jobs } = await runs.detail(last.id);
  return { runId: last.id, done: jobs.filter(({ outcome }) => outcome?.state === 'saved' || outcome?.state === 'unchanged') };
}

const key = (serverId: string, repoId: number): string => `${serverId} ${repoId}`;

/**
 * The repos of a run in the order they are taken: first those that the paused run before it did not come to. One that only resumes is done with
 * the others: their jobs are carried over, so that its record is of the whole plan. Any other run comes to them last, and so begins each night
 * where the night before ended. `left`: how many of them it did not come to.
 */
export function takeOver(
  repos: readonly RepoToSave[],
  goesOn: GoesOn | null,
  trigger: Run['trigger'],
): { readonly todo: readonly RepoToSave[]; readonly left: number; readonly carried: readonly Job[] } {
  if (goesOn === null) return { todo: repos, left: repos.length, carried: [] };
  const done = new Map(goesOn.done.map((job) => [key(job.serverId, job.repoId), job]));
  const before = ({ server, repo }: RepoToSave) => done.get(key(server.id, repo.id));
  const left = repos.filter((one) => before(one) === undefined);
  const others = repos.filter((one) => before(one) !== undefined);
  if (trigger !== 'resume') return { todo: [...left, ...others], left: left.length, carried: [] };
  return { todo: left, left: left.length, carried: others.flatMap((one) => carry(one, before(one), goesOn.runId)) };
}

/** A job that another run has done: to this one, its repo is as that one left it. */
function carry(repo: RepoToSave, job: Job | undefined, runId: string): Job[] {
  const outcome = job?.outcome;
  if (job === undefined || (outcome?.state !== 'saved' && outcome?.state !== 'unchanged')) return [];
  const { snapshotId, notPermitted, warnings } = outcome;
  return [
    {
      ...waiting(repo),
      phase: 'done',
      outcome: { state: 'unchanged', snapshotId, ...(notPermitted && { notPermitted }), ...(warnings && { warnings }) },
      doneIn: job.doneIn ?? runId,
    },
  ];
}
