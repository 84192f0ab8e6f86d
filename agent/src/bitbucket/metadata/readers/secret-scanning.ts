import * as v from 'valibot';
import { scoped } from '../../endpoint.ts';
import { collect } from '../collect.ts';
import type { KindReader } from '../kind-reader.ts';
import { locate, operationsOf } from '../places.ts';

const rulesAt = scoped('/api/latest', '/secret-scanning/rules');
const allowlistAt = scoped('/api/latest', '/secret-scanning/allowlist');
const exemptAt = scoped('/api/latest', '/secret-scanning/exempt');

/** What counts as a secret and what does not; `exempt` is whether a repo goes unscanned, and which repos of a project do. */
export const secretScanning: KindReader = {
  kind: 'secret-scanning',
  needs: 'admin',
  operations: operationsOf(rulesAt, allowlistAt, exemptAt),
  async *read(from, scope, { signal }) {
    const asking = { schema: v.unknown(), signal };
    const rules = await collect(from.pages(locate(rulesAt, scope), asking));
    const allowlist = await collect(from.pages(locate(allowlistAt, scope), asking));
    const path = locate(exemptAt, scope);
    const exempt = scope.slug === null ? await collect(from.pages(path, asking)) : await from.get(path, asking);
    yield { key: '-', value: { rules, allowlist, exempt } };
  },
};
