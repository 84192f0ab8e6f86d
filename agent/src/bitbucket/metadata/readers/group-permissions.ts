import { scoped } from '../../endpoint.ts';
import { listKind } from '../list-kind.ts';

/** What groups may do here. */
export const groupPermissions = listKind({ kind: 'group-permissions', needs: 'admin', at: scoped('/api/latest', '/permissions/groups') });
