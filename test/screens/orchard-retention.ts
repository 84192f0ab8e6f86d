import type { RepoRetention } from '@gitprotect/shared/retention-view';
import { at, day, snapshots } from './orchard.ts';

const reasons = ['daily 1, weekly 1, monthly 1, the newest', 'daily 2', 'daily 3', 'daily 4, weekly 2', 'daily 5', 'daily 6', 'daily 7'];

/** Of ORCH/core: a week of days, one on hold, and the rest goes. */
export const retention: RepoRetention = {
  projectKey: 'ORCH',
  slug: 'core',
  repoId: 1,
  plans: [{ name: 'Nightly', keeps: '7 daily, 4 weekly, 12 monthly' }],
  guards: [],
  snapshots: snapshots
    .filter(({ repoId }) => repoId === 1)
    .map(({ id }, index) => {
      if (index === 9) {
        const hold = { reason: 'audit 2026', at: at(-3 * day) };
        return { snapshotId: id, keep: true, because: ['on hold: audit 2026'], goesAt: null, hold };
      }
      const reason = reasons[index];
      const goesAt = reason === undefined && index > 10 ? at(4 * day) : null;
      return { snapshotId: id, keep: reason !== undefined, because: [reason ?? 'no rule keeps it'], goesAt, hold: null };
    }),
};

const message = '640 of 812 refs were deleted in the snapshot 00000020';

/** The same after somebody deleted most of it. */
export const guarded: RepoRetention = {
  ...retention,
  guards: [{ serverId: 's1', projectKey: 'ORCH', slug: 'core', message }],
  snapshots: retention.snapshots.map((one) => ({
    ...one,
    keep: true,
    goesAt: null,
    because: [...(one.keep ? one.because : []), 'waits for somebody to look'],
  })),
};
