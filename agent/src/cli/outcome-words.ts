import { formatBytes, formatCount } from '@gitprotect/shared/format';
import { wordsOfKind } from '@gitprotect/shared/metadata';
import { notPermittedInRun } from '@gitprotect/shared/not-permitted';
import type { Job, Outcome } from '@gitprotect/shared/run';
import { warning } from './terminal.ts';

/** What a repo's outcome says beside its state. */
export function outcomeWords(outcome: Outcome): string {
  switch (outcome.state) {
    case 'saved': {
      const { added, moved, deleted, total } = outcome.refs;
      const refs = outcome.kind === 'full' ? formatCount(total, 'ref') : `${formatCount(added + moved + deleted, 'ref')} changed`;
      const { records = 0, lfsObjects = 0 } = outcome;
      const parts = [
        outcome.kind,
        outcome.kind === 'metadata-only' ? '' : refs,
        records === 0 ? '' : formatCount(records, 'metadata record'),
        lfsObjects === 0 ? '' : formatCount(lfsObjects, 'large file'),
        formatBytes(outcome.bytes),
      ];
      return [parts.filter((part) => part !== '').join(', '), ...outcome.warnings].join('; ');
    }
    case 'unchanged':
      return (outcome.warnings ?? []).join('; ');
    case 'skipped':
      return outcome.reason;
    case 'throttled':
      return `until ${outcome.until}`;
    case 'failed':
      return `${outcome.error.message}${outcome.error.remedy === undefined ? '' : ` – ${outcome.error.remedy}`}`;
  }
}

/** Kinds that no credential in use may read, over all repos of a run, and what to do about it; nothing when there are none. */
export function notPermittedLines(jobs: readonly Job[]): string[] {
  const { repos, kinds } = notPermittedInRun(jobs);
  if (repos === 0) return [];
  return [
    warning(`not permitted in ${formatCount(repos, 'repository', 'repositories')}: ${kinds.map(wordsOfKind).join(', ')}`),
    '  only administrators see these: add a credential with Repository admin, or leave them out: plan edit NAME --leave-out KIND',
  ];
}
