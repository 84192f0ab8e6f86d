import { scoped } from '../../endpoint.ts';
import { listKind } from '../list-kind.ts';

/** Labels of a repo. */
export const labels = listKind({ kind: 'labels', needs: 'read', at: { repo: scoped('/api/latest', '/labels').repo }, unpaged: true });
