import { scoped } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

export const groupPermissions = listReader({
  kind: 'group-permissions',
  needs: 'admin',
  at: scoped('/api/latest', '/permissions/groups'),
});
