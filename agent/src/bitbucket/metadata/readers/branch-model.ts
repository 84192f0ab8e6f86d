import { scoped } from '../../endpoint.ts';
import { objectReader } from '../simple-readers.ts';

/** Absent from the published API, and asked by every client that shows the model. */
export const branchModel = objectReader({
  kind: 'branch-model',
  needs: 'read',
  at: scoped('/branch-utils/1.0', '/branchmodel/configuration'),
});
