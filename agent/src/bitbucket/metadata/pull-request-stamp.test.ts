import { expect, test } from 'vitest';
import { pullRequestStamp } from './pull-request-stamp.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 24);
const user = (id: number, more: object = {}) => ({
  id,
  name: `user${id}`,
  slug: `user${id}`,
  displayName: 'Somebody',
  active: true,
  ...more,
});
const pull = {
  id: 7,
  version: 2,
  title: 'Add a basket',
  state: 'MERGED',
  updatedDate: 5,
  fromRef: { id: 'refs/heads/a', latestCommit: 'aa', repository: { id: 1, name: 'Storefront' } },
  toRef: { id: 'refs/heads/main', latestCommit: 'bb', repository: { id: 1, name: 'Storefront' } },
  author: { user: user(1), role: 'AUTHOR' },
  reviewers: [
    { user: user(2), status: 'APPROVED' },
    { user: user(3), status: 'UNAPPROVED' },
  ],
  properties: { commentCount: 3, mergeResult: { outcome: 'CLEAN' } },
  links: { self: [] },
};
const stamp = pullRequestStamp(pull, now);

test.each<[string, object]>([
  ['its title', { title: 'Add the basket' }],
  ['its version', { version: 3 }],
  ['its date', { updatedDate: 6 }],
  ['its source commit', { fromRef: { ...pull.fromRef, latestCommit: 'ac' } }],
  ['its target branch', { toRef: { ...pull.toRef, id: 'refs/heads/next' } }],
  ['an approval', { reviewers: [pull.reviewers[0], { user: user(3), status: 'APPROVED' }] }],
  ['the number of comments', { properties: { ...pull.properties, commentCount: 4 } }],
  ['a field of a later release', { draft: true }],
  ['a field that is gone', { title: undefined }],
])('a stamp changes with %s', (_, change) => {
  expect(pullRequestStamp({ ...pull, ...change }, now)).not.toBe(stamp);
});

test.each<[string, object]>([
  ['its target branch moves on', { toRef: { ...pull.toRef, latestCommit: 'bc' } }],
  ['a merge is tried', { properties: { commentCount: 3, mergeResult: { outcome: 'CONFLICTED' } } }],
  ['its repo is renamed', { fromRef: { ...pull.fromRef, repository: { id: 1, name: 'Shop' } } }],
  ['its reviewers come in another order', { reviewers: pull.reviewers.toReversed() }],
  [
    'somebody is called otherwise',
    { author: { role: 'AUTHOR', user: user(1, { displayName: 'Ada', emailAddress: 'a@example.com', active: false }) } },
  ],
  ['the server is called otherwise', { links: { self: [{ href: 'https://elsewhere' }] } }],
])('a stamp stays when %s', (_, change) => {
  expect(pullRequestStamp({ ...pull, ...change }, now)).toBe(stamp);
});

test('an open one gets a new stamp every seventh day, a closed one never', () => {
  const changes = (state: string) =>
    Array.from({ length: 28 }, (_, index) => now + index * day).filter(
      (time) => pullRequestStamp({ ...pull, state }, time) !== pullRequestStamp({ ...pull, state }, time + day),
    ).length;
  expect(changes('OPEN')).toBe(4);
  expect(changes('MERGED')).toBe(0);
  expect(changes('DECLINED')).toBe(0);
});

test('on any day a seventh of the open ones is due', () => {
  const open = Array.from({ length: 70 }, (_, index) => ({ ...pull, state: 'OPEN', id: index + 1 }));
  const due = open.filter((one) => pullRequestStamp(one, now) !== pullRequestStamp(one, now + day));
  expect(due).toHaveLength(10);
});
