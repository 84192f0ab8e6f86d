import { scoped } from '../../endpoint.ts';
import { isObject } from '../json-object.ts';
import type { KindReader } from '../kind-reader.ts';
import { objectKind } from '../object-kind.ts';

/** Whether a fork follows its origin. Beside that the server tells how far it got, which changes with every push. */
export const forkSync: KindReader = {
  ...objectKind({ kind: 'fork-sync', needs: 'read', at: { repo: scoped('/sync/latest', '').repo } }),
  essence: (value) => (isObject(value) && 'enabled' in value ? value['enabled'] : value),
};
