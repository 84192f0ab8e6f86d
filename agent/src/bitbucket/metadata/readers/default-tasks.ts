import { scoped } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

export const defaultTasks = listReader({
  kind: 'default-tasks',
  needs: 'read',
  at: scoped('/default-tasks/latest', '/tasks'),
});
