import { invalid } from '../../errors.ts';
import { read } from '../../permissions.ts';
import type { ListKind } from './list-kind.ts';
import { numberedUsers } from './people.ts';
import { scopeOf, textOf } from './place.ts';

export const reviewerGroups: ListKind = {
  name: 'reviewer-groups',
  api: '/api/latest',
  list: '/settings/reviewer-groups',
  item: '/settings/reviewer-groups/{id}',
  one: ['GET', 'PUT', 'DELETE'],
  reads: read,
  created: 201,
  inherited: true,
  key: ({ name }) => String(name).toLowerCase(),
  make: ({ instance, on, id, body, before }) => {
    const name = body['name'] === undefined && before !== undefined ? before['name'] : textOf(body, 'name');
    if (String(name).length > 50) throw invalid('name', 'The name must be at most 50 characters long.');
    const description = body['description'] ?? before?.['description'];
    const users = body['users'] === undefined && before !== undefined ? before['users'] : numberedUsers(instance, body, 'users');
    if (!Array.isArray(users) || users.length === 0) throw invalid('users', 'A reviewer group must have at least one user.');
    return { id, name, scope: scopeOf(on), ...(typeof description === 'string' ? { description } : {}), users, avatarUrl: '' };
  },
};
