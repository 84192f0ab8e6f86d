import { scoped } from '../../endpoint.ts';
import { listKind } from '../list-kind.ts';

/** Tasks that every new pull request begins with. */
export const defaultTasks = listKind({ kind: 'default-tasks', needs: 'read', at: scoped('/default-tasks/latest', '/tasks') });
