import { endpoint } from '../../endpoint.ts';
import { ifFound } from '../if-found.ts';
import type { KindReader } from '../kind-reader.ts';
import { locate, operationsOf } from '../places.ts';

const at = { repo: endpoint('/git-lfs/admin/projects/{projectKey}/repos/{repositorySlug}/enabled') };

/** The switch of Git LFS. Not published: 200 is on and 404 off, both without a word. */
export const lfs: KindReader = {
  kind: 'lfs',
  needs: 'read',
  operations: operationsOf(at),
  async *read(from, scope, { signal }) {
    yield { key: '-', value: { enabled: (await ifFound(from.text(locate(at, scope), { signal }))) !== null } };
  },
};
