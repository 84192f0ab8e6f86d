import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attachmentLinks } from './attachment-links.ts';

const repo = { id: 6, projectKey: 'SHOP', slug: 'storefront' };
const linksOf = (text: string, target: Parameters<typeof attachmentLinks>[1] = repo) => attachmentLinks({ text }, target);

test.each([
  ['![a cat](attachment:6/1113)', [{ id: '1113', name: 'a cat' }]],
  ['see attachment:6/1113.', [{ id: '1113' }]],
  ['![cat.png](attachment:6/328eabcebf%2Focto+cat%2B.png "a cat")', [{ id: '328eabcebf/octo cat+.png', name: 'cat.png' }]],
  ['[log](attachment:6/328eabcebf/T10:36.1[Test].xml)', [{ id: '328eabcebf/T10:36.1[Test].xml', name: 'log' }]],
  ['[![a.png](attachment:6/x%2Fa.png)](attachment:6/x%2Fa.png)', [{ id: 'x/a.png', name: 'a.png' }]],
  ['attachment:6/2 and [two](attachment:6/2)', [{ id: '2', name: 'two' }]],
  ['https://bitbucket.example.com/projects/SHOP/repos/storefront/attachments/89/1113', [{ id: '1113' }]],
  ['[x](/bitbucket/projects/shop/repos/storefront/attachments/3?a=b)', [{ id: '3', name: 'x' }]],
  ['https://h/rest/api/latest/projects/SHOP/repos/storefront/attachments/328eabcebf/octo%20cat.png', [{ id: '328eabcebf/octo cat.png' }]],
])('%s', (text, links) => {
  expect(linksOf(text)).toEqual(links);
});

test.each([
  '[another repo](attachment:7/1113)',
  'https://h/projects/SHOP/repos/docs/attachments/3',
  'https://h/projects/TOOLS/repos/storefront/attachments/3',
  'attachment:6/..',
  'attachment:6/..%2F..%2Fsettings',
  'attachment:6/a//b',
  'attachment:6/',
  'attachment:x/3',
  'attachment:6',
])('%s is none of the repo', (text) => {
  expect(linksOf(text)).toEqual([]);
});

test('links of a personal repo are known by its owner', () => {
  const personal = { id: 9, projectKey: '~ADA', slug: 'notes' };
  expect(linksOf('https://h/users/ada/repos/notes/attachments/3', personal)).toEqual([{ id: '3' }]);
});

test('without a repo id every link counts', () => {
  expect(linksOf('attachment:7/1113', { ...repo, id: null })).toEqual([{ id: '1113' }]);
});

test('descriptions, comments, replies and tasks are searched, each attachment is found once', () => {
  const value = {
    pullRequest: { title: 'attachment:6/9', description: 'attachment:6/1' },
    activities: [
      {
        comment: {
          text: 'attachment:6/2',
          comments: [{ text: 'attachment:6/3', comments: [{ text: 'attachment:6/4 attachment:6/1' }] }],
          tasks: [{ text: 'attachment:6/5' }],
        },
      },
    ],
  };
  expect(
    attachmentLinks(value, repo)
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(['1', '2', '3', '4', '5']);
});

test('whatever is written, every id can become a part of a path', () => {
  const piece = fc.oneof(
    fc.constantFrom('attachment:6/', '%2F', '..', '/', '%', '[', '](', ')', '+', '/projects/SHOP/repos/storefront/attachments/', '\ud800'),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (text) => {
        for (const { id } of linksOf(text)) {
          const path = new URL(`https://h/a/b/c/${encodeURIComponent(id).replaceAll('%2F', '/')}`).pathname;
          expect(path.startsWith('/a/b/c/')).toBe(true);
          expect(path.length).toBeGreaterThan('/a/b/c/'.length);
        }
      },
    ),
  );
});
