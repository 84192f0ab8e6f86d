import { endpoint } from '../../endpoint.ts';
import type { KindReader } from '../kind-reader.ts';
import { only, operationsOf, pathOf } from '../simple-readers.ts';

const at = { project: endpoint('/api/latest/projects/{projectKey}/avatar.png') };

/** The picture of a project. */
export const avatar: KindReader = {
  kind: 'avatar',
  needs: 'read',
  operations: operationsOf([at]),
  async *read(from, scope, { signal }) {
    const { bytes, contentType } = await from.bytes(pathOf(at, scope), { signal });
    yield { key: only, value: { contentType, base64: Buffer.from(bytes).toString('base64') } };
  },
};
