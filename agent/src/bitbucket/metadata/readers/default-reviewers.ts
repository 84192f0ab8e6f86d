import { scoped } from '../../endpoint.ts';
import { listKind } from '../list-kind.ts';

/** Who is asked to review by default. At a repo also what its project says. */
export const defaultReviewers = listKind({
  kind: 'default-reviewers',
  needs: 'read',
  at: scoped('/default-reviewers/latest', '/conditions'),
  unpaged: true,
});
