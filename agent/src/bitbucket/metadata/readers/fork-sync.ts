import { scoped } from '../../endpoint.ts';
import { objectReader } from '../simple-readers.ts';

export const forkSync = objectReader({
  kind: 'fork-sync',
  needs: 'read',
  at: { repo: scoped('/sync/latest', '').repo },
});
