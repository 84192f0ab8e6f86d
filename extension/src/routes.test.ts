import { expect, test } from 'vitest';
import { type Route, hashOf, routeOf } from './routes.ts';

const routes: Route[] = [
  { page: 'overview' },
  { page: 'pair' },
  { page: 'plans' },
  { page: 'plans', id: 'new' },
  { page: 'bitbucket', id: 'project_1' },
  { page: 'paste', server: 'https://git.example.com/bitbucket' },
  { page: 'paste', server: 'https://x', token: '000000000001', name: 'a & b=c #?' },
];

test.each(routes)('an address leads back to its route: %o', (route) => {
  expect(routeOf(hashOf(route))).toEqual(route);
});

test('what is not known leads to the overview', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/__proto__']) expect(routeOf(hash)).toEqual({ page: 'overview' });
});

test('broken percent signs name nothing, and break nothing', () => {
  expect(routeOf('#/plans/%E0%A4%A')).toEqual({ page: 'plans', id: '%E0%A4%A' });
});
