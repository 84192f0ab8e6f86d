import { formatBytes, formatCount } from '@gitprotect/shared/format';
import type { PruneReport } from '@gitprotect/shared/prune';
import type { UpkeepStep } from '../upkeep.ts';
import type { PruneParts } from './prune-place.ts';
import { prune } from './prune.ts';
import { noteWhole, wholeIsDue } from './whole-prune.ts';

/** Pruning as a step of upkeep. */
export function pruneStep({ db, plans, graceDays }: Pick<PruneParts, 'db' | 'plans' | 'graceDays'>): UpkeepStep {
  return {
    name: 'prune',
    run: async ({ place, clock, log }, signal) => {
      const now = clock.now();
      const whole = await wholeIsDue(db, place.id, now);
      const parts = { db, plans, clock, log, graceDays, place: { ...place, storage: place.plain } };
      const report = await prune(parts, { gone: false, whole }, signal);
      if (whole) await noteWhole(db, place.id, now);
      for (const { projectKey, slug, why } of report.undecided) log.warn({ repo: `${projectKey}/${slug}` }, `not pruned: ${why}`);
      return pruneWords(report);
    },
  };
}

/** `removed 3 snapshots (1.2 MB); marked 2`. */
function pruneWords({ marked, removed, refused, undecided }: PruneReport): string {
  const parts = [
    removed.snapshots + removed.objects === 0
      ? ''
      : `removed ${formatCount(removed.snapshots, 'snapshot')} (${formatBytes(removed.bytes)})`,
    marked.snapshots === 0 ? '' : `marked ${formatCount(marked.snapshots, 'snapshot')}`,
    refused === 0 ? '' : `${formatCount(refused, 'object')} locked by the storage`,
    undecided.length === 0
      ? ''
      : `left ${formatCount(undecided.length, 'repository', 'repositories')} alone, as a record in it cannot be read`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing to remove' : parts.join('; ');
}
