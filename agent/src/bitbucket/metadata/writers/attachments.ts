import { textAt } from '../fields.ts';
import { neverWriter } from '../write-items.ts';

export const attachments = neverWriter(
  'attachments',
  'Bitbucket’s API takes no uploads of attachments; they are in the offline archive',
  (value) => [`attachment “${textAt(value, 'name') ?? textAt(value, 'id') ?? 'without a name'}”`],
);
