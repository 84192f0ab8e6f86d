import { formatAgo, formatCount } from '@gitprotect/shared/format';
import type { Plan } from '@gitprotect/shared/plan';
import type { Result } from '@gitprotect/shared/protocol';
import type { Word } from './tone.ts';

export type ProjectView = Result<'project.list'>[number];

/** Whether a project would survive the loss of its server, in a word and the reason behind it. */
export interface Safety extends Word {
  readonly reason: string;
}

/** Judges a project by its last snapshot, the plans that take it along, and the repos nobody sees. `now` in milliseconds since 1970. */
export function safetyOf(project: ProjectView, plans: readonly Plan[], now: number): Safety {
  const { coverage, lastSnapshotAt, credentialIds } = project;
  const mine = plans.filter(({ projectIds }) => projectIds.includes(project.id));
  const uncovered = coverage.uncovered.length;
  if (credentialIds.length === 0) return { tone: 'bad', text: 'not safe', reason: 'no credential: nothing of it can be backed up' };
  if (mine.length === 0) return { tone: 'bad', text: 'not safe', reason: 'no plan backs it up' };
  if (lastSnapshotAt === null) return { tone: 'bad', text: 'not safe', reason: 'no backup of it yet' };
  if (uncovered > 0) {
    return { tone: 'warn', text: `${uncovered} uncovered`, reason: uncoveredText(coverage.uncovered) };
  }
  const last = mine.map(({ lastRun }) => lastRun).find((run) => run !== null && (run.state === 'failed' || run.state === 'partial'));
  if (last !== undefined && last !== null) {
    return { tone: 'warn', text: 'look closer', reason: 'the last run of its plan did not save everything' };
  }
  if (mine.every(({ schedule }) => schedule === null)) {
    return {
      tone: 'warn',
      text: 'by hand only',
      reason: `last changed backup ${formatAgo(Date.parse(lastSnapshotAt), now)}; no plan runs by itself`,
    };
  }
  return { tone: 'ok', text: 'safe', reason: 'every repository is covered, and its plan’s last run went well' };
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
