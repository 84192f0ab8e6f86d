import { formatBytes, formatCount } from '@gitprotect/shared/format';
import { metadataKinds, wordsOfKind } from '@gitprotect/shared/metadata';
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
  const refused = new Map<string, number>();
  for (const { outcome } of jobs) {
    if (outcome?.state !== 'saved' && outcome?.state !== 'unchanged') continue;
    for (const kind of outcome.notPermitted ?? []) refused.set(kind, (refused.get(kind) ?? 0) + 1);
  }
  if (refused.size === 0) return [];
  const names = metadataKinds.filter((kind) => refused.has(kind)).map(wordsOfKind);
  const repos = formatCount(Math.max(...refused.values()), 'repository', 'repositories');
  return [
    warning(`not permitted in ${repos}: ${names.join(', ')}`),
    '  only administrators see these: add a credential with Repository admin, or leave them out: plan edit NAME --leave-out KIND',
  ];
}
