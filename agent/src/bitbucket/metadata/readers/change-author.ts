import { scoped } from '../../endpoint.ts';
import { objectKind } from '../object-kind.ts';

/** Whether the author of a pull request may be changed. */
export const changeAuthor = objectKind({ kind: 'change-author', needs: 'read', at: scoped('/api/latest', '/settings/change-author') });
