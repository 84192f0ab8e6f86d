import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import type { KindReader } from '../kind-reader.ts';
import { only, operationsOf } from '../simple-readers.ts';

const all = endpoint('/api/latest/projects/{projectKey}/permissions/{permission}/all');
const permissions = ['PROJECT_READ', 'PROJECT_WRITE', 'PROJECT_ADMIN'] as const;

/** What everybody may do in a project who is signed in. */
export const defaultPermissions: KindReader = {
  kind: 'default-permissions',
  needs: 'admin',
  operations: operationsOf([{ project: all }]),
  async *read(from, { projectKey }, { signal }) {
    const value: Record<string, unknown> = {};
    for (const permission of permissions) {
      const { permitted } = await from.get(all.at({ projectKey, permission }), {
        schema: v.looseObject({ permitted: v.unknown() }),
        signal,
      });
      value[permission] = permitted;
    }
    yield { key: only, value };
  },
};
