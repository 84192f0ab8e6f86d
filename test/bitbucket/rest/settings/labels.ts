import { invalid } from '../../errors.ts';
import { read } from '../../permissions.ts';
import type { ListKind } from './list-kind.ts';
import { textOf } from './place.ts';

export const labels: ListKind = {
  name: 'labels',
  api: '/api/latest',
  list: '/labels',
  item: '/labels/{labelName}',
  one: ['DELETE'],
  places: ['repo'],
  reads: read,
  idOf: ({ name }) => name,
  key: ({ name }) => String(name),
  again: 'replaces',
  make: ({ body }) => {
    const name = textOf(body, 'name');
    if (!/^[\p{L}\p{N}][\p{L}\p{N}\-_.]{0,49}$/u.test(name)) {
      throw invalid('name', 'Labels have at most 50 letters, digits, hyphens, underscores and periods.');
    }
    return { name: name.toLowerCase() };
  },
};
