import { formatAgo, formatCount } from '@gitprotect/shared/format';
import type { Plan } from '@gitprotect/shared/plan';
import type { Job } from '@gitprotect/shared/run';
import type { Result } from '@gitprotect/shared/protocol';
import { summaryText } from './proof-words.ts';
import type { Word } from './tone.ts';

export type ProjectView = Result<'project.list'>[number];

/** Whether a project would survive the loss of its server, in a word and the reason behind it. */
export interface Safety extends Word {
  readonly reason: string;
}

/** What a judgement stands on. */
export interface Around {
  readonly plans: readonly Plan[];
  /** The repos of a plan's last run, where that run had problems; `undefined` while they are not known. */
  readonly jobsOf: (runId: string) => readonly Job[] | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const wentWrong = (job: Job) => job.outcome !== null && job.outcome.state !== 'saved' && job.outcome.state !== 'unchanged';

/** Whether a plan's last run had problems that may concern any of its projects. */
export function hadProblems({ lastRun }: Plan): boolean {
  return lastRun !== null && ['failed', 'partial', 'interrupted'].includes(lastRun.state);
}

/** Judges a project by its last snapshot, the plans that take it along, the repos nobody sees, and those that failed last. */
export function safetyOf(project: ProjectView, { plans, jobsOf, now }: Around): Safety {
  const { coverage, lastSnapshotAt, credentialIds } = project;
  const mine = plans.filter(({ projectIds }) => projectIds.includes(project.id));
  const uncovered = coverage.uncovered.length;
  if (credentialIds.length === 0) return { tone: 'bad', text: 'not safe', reason: 'no credential: nothing of it can be backed up' };
  if (mine.length === 0) return { tone: 'bad', text: 'not safe', reason: 'no plan backs it up' };
  if (lastSnapshotAt === null) return { tone: 'bad', text: 'not safe', reason: 'no backup of it yet' };
  const proof = project.proof === undefined ? '' : summaryText(project.proof, now);
  if ((project.proof?.failed.length ?? 0) > 0) return { tone: 'bad', text: 'not restorable', reason: proof };
  if (uncovered > 0) {
    return { tone: 'warn', text: `${uncovered} uncovered`, reason: uncoveredText(coverage.uncovered) };
  }
  for (const plan of mine.filter(hadProblems)) {
    const jobs = plan.lastRun === null ? undefined : jobsOf(plan.lastRun.id);
    const here = jobs?.filter(({ serverId, projectKey }) => serverId === project.serverId && projectKey === project.key);
    const failed = here?.filter(wentWrong).length ?? 0;
    if (failed > 0) {
      const reason = `${formatCount(failed, 'repository was', 'repositories were')} not saved by the last run of “${plan.name}”`;
      return { tone: 'warn', text: `${failed} not saved`, reason };
    }
    if (here === undefined || here.length === 0) {
      return { tone: 'warn', text: 'look closer', reason: `the last run of “${plan.name}” had problems` };
    }
  }
  if (mine.every(({ schedule }) => schedule === null)) {
    return {
      tone: 'warn',
      text: 'by hand only',
      reason: `newest snapshot ${formatAgo(Date.parse(lastSnapshotAt), now)}; no plan runs by itself`,
    };
  }
  return { tone: 'ok', text: 'safe', reason: proof === '' ? 'every repository is covered, and the last run saved what changed' : proof };
}

/** Names up to three. */
function uncoveredText(slugs: readonly string[]): string {
  const named = slugs
    .slice(0, 3)
    .map((slug) => `“${slug}”`)
    .join(', ');
  const more = slugs.length > 3 ? ` and ${formatCount(slugs.length - 3, 'other')}` : '';
  return `no enabled account sees ${named}${more}`;
}
