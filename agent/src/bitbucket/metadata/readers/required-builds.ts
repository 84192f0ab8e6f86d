import { scoped } from '../../endpoint.ts';
import { listKind } from '../list-kind.ts';

/** Builds without which nothing is merged. */
export const requiredBuilds = listKind({
  kind: 'required-builds',
  needs: 'read',
  at: { repo: scoped('/required-builds/latest', '/conditions').repo },
});
