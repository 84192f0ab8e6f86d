import type { Handlers } from './dispatch.ts';
import type { Parts, Telling } from './parts.ts';
import { repoNamed } from './repo-named.ts';

type RetentionHandlers = Pick<
  Handlers,
  | 'retention.get'
  | 'snapshot.hold'
  | 'snapshot.release'
  | 'prune.plan'
  | 'prune.run'
  | 'compact.plan'
  | 'compact.run'
  | 'guard.list'
  | 'guard.acknowledge'
>;

/** Calls about what stays and what goes. What removes and merges loads when it is asked for. */
export function retentionHandlers(parts: Parts, telling: Telling): RetentionHandlers {
  const { retention } = parts;
  return {
    'retention.get': async ({ repo }) => retention.of(await repoNamed(parts, repo)),
    'snapshot.hold': async ({ repo, snapshotId, reason }) =>
      telling(retention.hold(await repoNamed(parts, repo), { snapshotId, reason: reason ?? '' }), 'snapshots').then(nothing),
    'snapshot.release': async ({ repo, snapshotId, reason }) =>
      telling(retention.release(await repoNamed(parts, repo), { snapshotId, reason: reason ?? '' }), 'snapshots').then(nothing),
    'prune.plan': async ({ repo, gone = false }) => {
      const only = repo === undefined ? undefined : await repoNamed(parts, repo);
      const { planPrune } = await import('../backup/prune/plan-prune.ts');
      return planPrune(await parts.pruning(), { repo: only, gone }, parts.signal);
    },
    'prune.run': async ({ repo, gone = false }) => {
      const only = repo === undefined ? undefined : await repoNamed(parts, repo);
      const { prune } = await import('../backup/prune/prune.ts');
      return telling(prune(await parts.pruning(), { repo: only, gone, whole: true }, parts.signal), 'snapshots');
    },
    'compact.plan': async ({ repo }) => {
      const only = repo === undefined ? undefined : await repoNamed(parts, repo);
      const { planCompact } = await import('../backup/compact/plan-compact.ts');
      return planCompact(await parts.pruning(), { repo: only, again: true }, parts.signal);
    },
    'compact.run': async ({ repo }) => {
      const only = repo === undefined ? undefined : await repoNamed(parts, repo);
      const { compact } = await import('../backup/compact/compact.ts');
      return telling(compact(await parts.pruning(), { repo: only, again: true }, parts.signal), 'snapshots');
    },
    'guard.list': () => retention.guards(),
    'guard.acknowledge': (which) => telling(retention.acknowledge(which), 'snapshots', 'projects').then(nothing),
  };
}

const nothing = () => ({});
