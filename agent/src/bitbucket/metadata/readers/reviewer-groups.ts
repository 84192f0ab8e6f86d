import { scoped } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

export const reviewerGroups = listReader({
  kind: 'reviewer-groups',
  needs: 'read',
  at: scoped('/api/latest', '/settings/reviewer-groups'),
});
