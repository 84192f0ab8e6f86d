import { scoped } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

export const branchRestrictions = listReader({
  kind: 'branch-restrictions',
  needs: 'admin',
  at: scoped('/branch-permissions/latest', '/restrictions'),
});
