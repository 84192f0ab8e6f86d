import { scoped } from '../../endpoint.ts';
import { objectReader } from '../simple-readers.ts';

export const autoDecline = objectReader({
  kind: 'auto-decline',
  needs: 'read',
  at: scoped('/api/latest', '/settings/auto-decline'),
});
