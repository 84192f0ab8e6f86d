import { scoped } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

export const defaultReviewers = listReader({
  kind: 'default-reviewers',
  needs: 'read',
  at: scoped('/default-reviewers/latest', '/conditions'),
});
