import { endpoint } from '../../endpoint.ts';
import type { KindReader } from '../kind-reader.ts';
import { locate, operationsOf } from '../places.ts';

const at = { project: endpoint('/api/latest/projects/{projectKey}/avatar.png') };

/** The largest a server accepts: without a size it may send a small copy. */
const pixels = 1024;

/** The picture of a project. */
export const avatar: KindReader = {
  kind: 'avatar',
  needs: 'read',
  operations: operationsOf(at),
  async *read(from, scope, { signal }) {
    const { bytes, contentType } = await from.bytes(locate(at, scope), { query: { s: pixels }, signal });
    yield { key: '-', value: { contentType: contentType ?? 'image/png', base64: Buffer.from(bytes).toString('base64') } };
  },
};
