import { expect, test } from 'vitest';
import { cannedReader, firstRun, page, projectScope, repoScope } from './canned.ts';
import { collect } from './collect.ts';
import { labels } from './readers/labels.ts';
import { reviewerGroups } from './readers/reviewer-groups.ts';
import { webhooks } from './readers/webhooks.ts';

const hook = { id: 1, name: 'ci', constructor: 'kept', constructed: { by: null } };
const path = '/rest/api/latest/projects/SHOP/repos/storefront/webhooks';

test.each([
  ['bare', [hook, 7]],
  ['as values without any word of pages', { values: [hook, 7] }],
  ['as the only page', page([hook, 7])],
])('a list that is published without paging is read %s, as it was sent', async (_, json) => {
  const { reader } = cannedReader((asked) => (asked === path ? { json } : undefined));
  expect(await collect(webhooks.read(reader, repoScope, firstRun))).toEqual([{ key: '-', value: [hook, 7] }]);
});

test('a list that is published without paging and comes in pages is followed to its end', async () => {
  const { reader, asked } = cannedReader((_, { start }) =>
    start === 0 ? { json: page([{ name: 'a' }], { isLastPage: false, nextPageStart: 3 }) } : { json: page([{ name: 'b' }]) },
  );
  expect(await collect(labels.read(reader, repoScope, firstRun))).toEqual([{ key: '-', value: [{ name: 'a' }, { name: 'b' }] }]);
  expect(asked.map((url) => new URLSearchParams(url.split('?')[1]).get('start'))).toEqual(['0', '3']);
});

test.each([
  ['is not the last and names no next', page([], { isLastPage: false })],
  ['names itself as the next', page([], { isLastPage: false, nextPageStart: 0 })],
  ['has no values', { isLastPage: true }],
  ['is no list', 'none'],
])('a page that %s is refused: half a list is none', async (_, json) => {
  const { reader } = cannedReader(() => ({ json }));
  await expect(collect(webhooks.read(reader, repoScope, firstRun))).rejects.toMatchObject({ code: 'server-bad-answer' });
  await expect(collect(reviewerGroups.read(reader, repoScope, firstRun))).rejects.toMatchObject({ code: 'server-bad-answer' });
});

test('a project is asked for its own', async () => {
  const { reader, asked } = cannedReader(() => ({ json: page([]) }));
  await collect(reviewerGroups.read(reader, projectScope, firstRun));
  expect(asked).toEqual(['/rest/api/latest/projects/SHOP/settings/reviewer-groups?limit=1000&start=0']);
});
