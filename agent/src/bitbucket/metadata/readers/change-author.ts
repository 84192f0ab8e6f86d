import { scoped } from '../../endpoint.ts';
import { objectReader } from '../simple-readers.ts';

export const changeAuthor = objectReader({
  kind: 'change-author',
  needs: 'read',
  at: scoped('/api/latest', '/settings/change-author'),
});
