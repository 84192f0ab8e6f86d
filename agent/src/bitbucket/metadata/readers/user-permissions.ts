import { scoped } from '../../endpoint.ts';
import { listKind } from '../list-kind.ts';

/** What single users may do here. */
export const userPermissions = listKind({ kind: 'user-permissions', needs: 'admin', at: scoped('/api/latest', '/permissions/users') });
