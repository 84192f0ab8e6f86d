import { scoped } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

export const hookScripts = listReader({
  kind: 'hook-scripts',
  needs: 'admin',
  at: scoped('/api/latest', '/hook-scripts'),
});
