import { scoped } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

export const requiredBuilds = listReader({
  kind: 'required-builds',
  needs: 'read',
  at: { repo: scoped('/required-builds/latest', '/conditions').repo },
});
