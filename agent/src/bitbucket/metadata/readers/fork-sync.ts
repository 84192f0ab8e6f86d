import { scoped } from '../../endpoint.ts';
import { objectKind } from '../object-kind.ts';

/** Whether a fork follows its origin. */
export const forkSync = objectKind({ kind: 'fork-sync', needs: 'read', at: { repo: scoped('/sync/latest', '').repo } });
