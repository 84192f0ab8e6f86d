import { AppError } from '@gitprotect/shared/errors';
import { scoped } from '../../endpoint.ts';
import { flagAt } from '../fields.ts';
import type { WriteContext } from '../kind-writer.ts';
import { operationsOf, submit } from '../submit.ts';
import { fieldsWriter } from '../write-items.ts';

const enabledAt = scoped('/git-lfs/admin', '/enabled');

/** 200 says on and 404 off, which is also what a repo that is not there answers: then nothing is on either. */
async function isEnabled({ target, scope, signal }: WriteContext): Promise<boolean> {
  try {
    await target.text(enabledAt.at(scope), { signal });
    return true;
  } catch (error) {
    if (error instanceof AppError && (error.code === 'not-found' || error.code === 'repo-not-found')) return false;
    throw error;
  }
}

export const lfs = fieldsWriter({
  kind: 'lfs',
  operations: { repo: operationsOf(['GET', enabledAt], ['PUT', enabledAt]).repo ?? [] },
  items: (value) => {
    const enabled = flagAt(value, 'enabled');
    if (enabled === undefined) return [{ key: 'lfs', what: 'Git LFS', content: null }];
    return enabled ? [{ key: 'lfs', what: 'Git LFS', content: { enabled } }] : [];
  },
  read: async (context) => ({ enabled: await isEnabled(context) }),
  write: (_, context) => submit(context, 'PUT', enabledAt.at(context.scope), { nothing: true }),
});
