import { scoped } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

export const accessKeys = listReader({
  kind: 'access-keys',
  needs: 'admin',
  at: scoped('/keys/latest', '/ssh'),
});
