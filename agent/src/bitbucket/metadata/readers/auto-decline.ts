import { scoped } from '../../endpoint.ts';
import { objectKind } from '../object-kind.ts';

/** When pull requests that nobody touches are declined. */
export const autoDecline = objectKind({ kind: 'auto-decline', needs: 'read', at: scoped('/api/latest', '/settings/auto-decline') });
