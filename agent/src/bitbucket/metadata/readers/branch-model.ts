import { scoped } from '../../endpoint.ts';
import { objectKind } from '../object-kind.ts';

/** Development and production branch, and prefixes of branches. Absent from the published API, served by every version. */
export const branchModel = objectKind({
  kind: 'branch-model',
  needs: 'read',
  at: scoped('/branch-utils/1.0', '/branchmodel/configuration'),
});
