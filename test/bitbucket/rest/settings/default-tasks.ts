import { admin } from '../../permissions.ts';
import { noContent, type Routes } from '../../router.ts';
import { type ListKind, routesOf } from './list-kind.ts';
import { matcherOf } from './matcher.ts';
import { at, bothPlaces, requirePlace, textOf } from './place.ts';

const tasks: ListKind = {
  name: 'default-tasks',
  api: '/default-tasks/latest',
  list: '/tasks',
  item: '/tasks/{taskId}',
  one: ['PUT', 'DELETE'],
  reads: 'view',
  make: ({ id, body }) => ({
    id,
    description: textOf(body, 'description'),
    sourceMatcher: matcherOf(body, 'sourceMatcher'),
    targetMatcher: matcherOf(body, 'targetMatcher'),
  }),
  // As published: which branches it is for is taken, and not told again.
  show: ({ id, description }) => ({ id, description }),
};

export const defaultTaskRoutes: Routes = {
  ...routesOf(tasks),
  ...(Object.fromEntries(
    bothPlaces.map((place) => [
      `DELETE ${at(tasks.api, place, tasks.list)}`,
      (call) => {
        requirePlace(call, admin).settings.delete(tasks.name);
        return noContent();
      },
    ]),
  ) satisfies Routes),
};
