import { scoped } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

/** Their secrets never come: the server only takes them. */
export const webhooks = listReader({
  kind: 'webhooks',
  needs: 'admin',
  at: scoped('/api/latest', '/webhooks'),
});
