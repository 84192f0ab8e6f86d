import { formatAgo, formatCount } from '@gitprotect/shared/format';
import type { Proof, ProofSummary } from '@gitprotect/shared/proof';
import type { Word } from './tone.ts';

/** Whether a snapshot was rebuilt from storage, and when; `null` where it was not tried yet. `now` in milliseconds since 1970. */
export function proofWord(proof: Proof | undefined, now: number): Word | null {
  if (proof === undefined) return null;
  const when = formatAgo(Date.parse(proof.at), now);
  return proof.proven ? { tone: 'ok', text: `proven restorable ${when}` } : { tone: 'bad', text: `could not be rebuilt ${when}` };
}

/** What a failed drill means and what to do, in a sentence or two. */
export function proofCure(proof: Proof | undefined): string {
  if (proof === undefined || proof.proven) return '';
  return `${proof.problems[0] ?? 'It differs from what was backed up'}. The next run takes a new full backup by itself.`;
}

/** How far the repos of a project, or all, are proven. */
export function summaryText({ repos, proven, since, failed }: ProofSummary, now: number): string {
  if (repos === 0) return '';
  if (failed.length > 0) return `${failed.join(', ')} could not be rebuilt from storage: the next run takes a new full backup by itself`;
  if (proven < repos) return `${proven} of ${formatCount(repos, 'repository', 'repositories')} proven restorable so far`;
  return since === null ? '' : `every repository proven restorable, the oldest ${formatAgo(Date.parse(since), now)}`;
}
