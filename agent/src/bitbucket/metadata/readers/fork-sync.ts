import { scoped } from '../../endpoint.ts';
import type { KindReader } from '../kind-reader.ts';
import { objectKind } from '../object-kind.ts';

/** Whether a fork follows its origin. How far behind it is moves by itself, and is no change of the setting. */
export const forkSync: KindReader = {
  ...objectKind({ kind: 'fork-sync', needs: 'read', at: { repo: scoped('/sync/latest', '').repo } }),
  essence: (value) => (typeof value === 'object' && value !== null && 'enabled' in value ? value.enabled : value),
};
