import type { Handlers } from './dispatch.ts';
import type { Parts, Telling } from './parts.ts';
import { repoNamed } from './restore-to-server.ts';

type RetentionHandlers = Pick<Handlers, 'retention.get' | 'snapshot.hold' | 'snapshot.release' | 'guard.list' | 'guard.acknowledge'>;

/** Calls about what stays and what goes. */
export function retentionHandlers(parts: Parts, telling: Telling): RetentionHandlers {
  const { retention } = parts;
  return {
    'retention.get': async ({ repo }) => retention.of(await repoNamed(parts, repo)),
    'snapshot.hold': async ({ repo, snapshotId, reason }) =>
      telling(retention.hold(await repoNamed(parts, repo), { snapshotId, reason: reason ?? '' }), 'snapshots').then(nothing),
    'snapshot.release': async ({ repo, snapshotId, reason }) =>
      telling(retention.release(await repoNamed(parts, repo), { snapshotId, reason: reason ?? '' }), 'snapshots').then(nothing),
    'guard.list': () => retention.guards(),
    'guard.acknowledge': (which) => telling(retention.acknowledge(which), 'snapshots', 'projects').then(nothing),
  };
}

const nothing = () => ({});
