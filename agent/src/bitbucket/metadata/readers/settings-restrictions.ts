import { AppError } from '@gitprotect/shared/errors';
import { endpoint } from '../../endpoint.ts';
import type { KindReader } from '../kind-reader.ts';
import { listKind } from '../list-kind.ts';

const all = listKind({
  kind: 'settings-restrictions',
  needs: 'read',
  at: { project: endpoint('/api/latest/projects/{projectKey}/settings-restriction/all') },
});

/**
 * Settings that a project's repos may not change. As published they are listed only for a feature that one names, and no list of features is
 * published: a server that insists has none to give.
 */
export const settingsRestrictions: KindReader = {
  ...all,
  async *read(from, scope, options) {
    try {
      yield* all.read(from, scope, options);
    } catch (error) {
      if (!(error instanceof AppError) || error.facts['status'] !== 400) throw error;
      throw new AppError('not-found', 'this Bitbucket lists restricted settings only for one feature at a time', {
        cause: error,
        remedy: 'look at them in the settings of the project',
      });
    }
  },
};
