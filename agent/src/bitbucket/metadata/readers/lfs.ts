import { AppError } from '@gitprotect/shared/errors';
import { endpoint } from '../../endpoint.ts';
import type { KindReader } from '../kind-reader.ts';
import { only, operationsOf, pathOf } from '../simple-readers.ts';

/** Not published; answers 200 where large files are on and 404 where they are not. */
const at = { repo: endpoint('/git-lfs/admin/projects/{projectKey}/repos/{repositorySlug}/enabled') };

/** Whether a repo takes large files. */
export const lfs: KindReader = {
  kind: 'lfs',
  needs: 'read',
  operations: operationsOf([at]),
  async *read(from, scope, { signal }) {
    try {
      await from.text(pathOf(at, scope), { signal });
      yield { key: only, value: { enabled: true } };
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'not-found') throw error;
      yield { key: only, value: { enabled: false } };
    }
  },
};
