import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import type { KindReader } from '../kind-reader.ts';
import { locate, operationsOf } from '../places.ts';

const at = { project: endpoint('/api/latest/projects/{projectKey}/permissions/{permission}/all') };
const permissions = ['PROJECT_READ', 'PROJECT_WRITE', 'PROJECT_ADMIN'] as const;
const Permitted = v.looseObject({ permitted: v.boolean() });

/** What everybody who can sign in may do in a project. */
export const defaultPermissions: KindReader = {
  kind: 'default-permissions',
  needs: 'admin',
  operations: operationsOf(at),
  async *read(from, scope, { signal }) {
    const value: Record<string, boolean> = {};
    for (const permission of permissions) {
      value[permission] = (await from.get(locate(at, scope, { permission }), { schema: Permitted, signal })).permitted;
    }
    yield { key: '-', value };
  },
};
