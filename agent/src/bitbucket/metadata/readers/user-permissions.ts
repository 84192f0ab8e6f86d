import { scoped } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

export const userPermissions = listReader({
  kind: 'user-permissions',
  needs: 'admin',
  at: scoped('/api/latest', '/permissions/users'),
});
