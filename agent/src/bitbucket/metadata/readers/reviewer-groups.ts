import { scoped } from '../../endpoint.ts';
import { listKind } from '../list-kind.ts';

/** Groups that can be asked for a review, with their members. */
export const reviewerGroups = listKind({ kind: 'reviewer-groups', needs: 'read', at: scoped('/api/latest', '/settings/reviewer-groups') });
