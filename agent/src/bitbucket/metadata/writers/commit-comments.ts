import { neverWriter } from '../write-items.ts';

export const commitComments = neverWriter(
  'commit-comments',
  'they cannot be written again under their authors’ names; they are in the offline archive',
  (value) => (Array.isArray(value) && value.length === 0 ? [] : ['comments on commits']),
);
