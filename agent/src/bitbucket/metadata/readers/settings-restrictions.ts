import { endpoint } from '../../endpoint.ts';
import { listReader } from '../simple-readers.ts';

/** Settings that repos of a project may not change. */
export const settingsRestrictions = listReader({
  kind: 'settings-restrictions',
  needs: 'admin',
  at: { project: endpoint('/api/latest/projects/{projectKey}/settings-restriction/all') },
});
