import { scoped } from '../../endpoint.ts';
import type { KindReader } from '../kind-reader.ts';
import { objectReader } from '../simple-readers.ts';

/** Whether a fork follows its parent. How far behind it is moves by itself, and is no change of the setting. */
export const forkSync: KindReader = {
  ...objectReader({ kind: 'fork-sync', needs: 'read', at: { repo: scoped('/sync/latest', '').repo } }),
  essence: (value) => (typeof value === 'object' && value !== null && 'enabled' in value ? value.enabled : value),
};
