import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { scoped } from '../../endpoint.ts';
import type { KindReader } from '../kind-reader.ts';
import { readList } from '../read-list.ts';
import { only, operationsOf } from '../simple-readers.ts';

const rules = scoped('/api/latest', '/secret-scanning/rules');
const allowlist = scoped('/api/latest', '/secret-scanning/allowlist');
const exempt = scoped('/api/latest', '/secret-scanning/exempt');

/** Rules for secrets in code, what they pass over, and whether they pass over the whole repo (in a project: which repos). */
export const secretScanning: KindReader = {
  kind: 'secret-scanning',
  needs: 'admin',
  operations: operationsOf([rules, allowlist, exempt]),
  async *read(from, scope, { signal }) {
    const value = {
      rules: await readList(from, rules.at(scope), { signal }),
      allowlist: await readList(from, allowlist.at(scope), { signal }),
      exempt:
        scope.slug === null
          ? await readList(from, exempt.at(scope), { signal })
          : await from.get(exempt.at(scope), { schema: v.unknown(), signal }).catch(notExempt),
    };
    yield { key: only, value };
  },
};

/** A repo that is not exempt may be answered with 404. */
function notExempt(error: unknown): null {
  if (error instanceof AppError && error.code === 'not-found') return null;
  throw error;
}
