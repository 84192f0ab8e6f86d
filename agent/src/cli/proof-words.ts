import { formatAgo, formatCount } from '@gitprotect/shared/format';
import type { Proof, ProofSummary } from '@gitprotect/shared/proof';
import { bad, good, warning } from './terminal.ts';

/** Whether and when a snapshot was last rebuilt from storage. `now` in milliseconds since 1970. */
export function proofWords(proof: Proof | undefined, now: number): string {
  if (proof === undefined) return '';
  const when = formatAgo(Date.parse(proof.at), now);
  return proof.proven ? `restorable, ${when}` : bad(`FAILED ${when}: ${proof.problems[0] ?? ''}`);
}

/** How many repos are proven restorable. */
export function summaryWords({ repos, proven, since, failed }: ProofSummary, now: number): string {
  if (repos === 0) return 'no snapshot yet';
  if (failed.length > 0) return bad(`${failed.join(', ')} could not be rebuilt; the next run takes a new full backup`);
  const oldest = since === null ? '' : `; the oldest drill was ${formatAgo(Date.parse(since), now)}`;
  const words = `${proven} of ${formatCount(repos, 'repository', 'repositories')} rebuilt from storage and compared${oldest}`;
  return proven === repos ? good(words) : warning(words);
}
