import { scoped } from '../../endpoint.ts';
import { objectKind } from '../object-kind.ts';

/** Whether pull requests may merge by themselves. */
export const autoMerge = objectKind({ kind: 'auto-merge', needs: 'read', at: scoped('/api/latest', '/settings/auto-merge') });
