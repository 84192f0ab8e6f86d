import { scoped } from '../../endpoint.ts';
import { listKind } from '../list-kind.ts';

/** Public SSH keys that may read or write. At a repo its own only, which is what the server lists unless asked for more. */
export const accessKeys = listKind({ kind: 'access-keys', needs: 'admin', at: scoped('/keys/latest', '/ssh') });
