import { scoped } from '../../endpoint.ts';
import { objectReader } from '../simple-readers.ts';

/** Name, description, visibility, origin of a fork, archived or not. */
export const details = objectReader({ kind: 'details', needs: 'read', at: scoped('/api/latest', '') });
