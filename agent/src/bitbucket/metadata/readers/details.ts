import { scoped } from '../../endpoint.ts';
import { objectKind } from '../object-kind.ts';

/** The project or repo itself: name, description, visibility, origin of a fork, whether it is archived. */
export const details = objectKind({ kind: 'details', needs: 'read', at: scoped('/api/latest', '') });
