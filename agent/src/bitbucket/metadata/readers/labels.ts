import { scoped } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

export const labels = listReader({
  kind: 'labels',
  needs: 'read',
  at: { repo: scoped('/api/latest', '/labels').repo },
});
