import { scoped } from '../../endpoint.ts';
import { listKind } from '../list-kind.ts';

/** Who may do what to which branches. At a repo also what its project says. */
export const branchRestrictions = listKind({
  kind: 'branch-restrictions',
  needs: 'admin',
  at: scoped('/branch-permissions/latest', '/restrictions'),
});
