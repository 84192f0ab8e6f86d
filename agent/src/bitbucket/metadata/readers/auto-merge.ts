import { scoped } from '../../endpoint.ts';
import { objectReader } from '../simple-readers.ts';

export const autoMerge = objectReader({
  kind: 'auto-merge',
  needs: 'read',
  at: scoped('/api/latest', '/settings/auto-merge'),
});
