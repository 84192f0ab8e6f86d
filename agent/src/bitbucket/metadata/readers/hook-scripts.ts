import { scoped } from '../../endpoint.ts';
import { listKind } from '../list-kind.ts';

/** Which of the server's hook scripts run here, and when. The scripts themselves belong to the server's administrators. */
export const hookScripts = listKind({ kind: 'hook-scripts', needs: 'admin', at: scoped('/api/latest', '/hook-scripts') });
