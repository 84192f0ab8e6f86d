import { formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import { notPermittedIn } from '@gitprotect/shared/not-permitted';
import type { Job } from '@gitprotect/shared/run';
import { sentence } from '../../../ui/words/sentence.ts';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { proofWord } from '../../../ui/words/proof-words.ts';
import { outcomeText, outcomeWord } from '../../../ui/words/run-words.ts';

/** One repo of a run. `userOf`: whose a credential is. */
export function JobRow({ job, userOf }: { job: Job; userOf: (credentialId: string) => string }) {
  const { projectKey, slug, phase, outcome, received, requests, credentialIds, startedAt, endedAt, doneIn } = job;
  const now = useStore().time.value;
  const proof = proofWord(job.proof, now);
  const users = [...new Set(credentialIds.map(userOf))];
  const fresh = outcome?.state === 'saved' ? outcome.bytes : received;
  const took = startedAt === null ? null : (endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt);
  return (
    <tr>
      <th scope="row">
        {projectKey}/{slug}
      </th>
      <td>
        {outcome === null ? <Lozenge tone={phase === 'running' ? 'busy' : 'plain'} text={phase} /> : <JobOutcome outcome={outcome} />}
        {doneIn !== undefined && ' done before the pause'}
        {proof !== null && <small class={proof.tone === 'bad' ? 'below bad-text' : 'below'}>{sentence(proof.text)}</small>}
      </td>
      <td class="figure" data-label="New">
        {fresh > 0 ? formatBytes(fresh) : '–'}
      </td>
      <td data-label="User">{users.length === 0 ? '–' : users.join(' → ')}</td>
      <td class="figure" data-label="Requests">
        {requests > 0 ? requests : '–'}
      </td>
      <td class="figure" data-label="Time">
        {took === null ? '–' : formatDuration(Math.max(0, took))}
      </td>
    </tr>
  );
}

function JobOutcome({ outcome }: { outcome: NonNullable<Job['outcome']> }) {
  const text = outcomeText(outcome);
  const refused = notPermittedIn(outcome).length;
  return (
    <>
      <Lozenge {...outcomeWord(outcome)} /> {text}
      {outcome.state === 'failed' && outcome.error.remedy !== undefined && (
        <>
          . {sentence(outcome.error.remedy)} {outcome.error.code === 'not-covered' && <a href="#/bitbucket">Add one…</a>}
        </>
      )}
      {(outcome.state === 'saved' || outcome.state === 'unchanged') &&
        (outcome.warnings ?? []).map((warning) => (
          <small key={warning} class="below warn-text">
            {sentence(warning)}
          </small>
        ))}
      {refused > 0 && <small class="below">{formatCount(refused, 'kind')} not permitted to read</small>}
    </>
  );
}
