import { expect, test } from 'vitest';
import { slugsToTry } from './current-user.ts';
import { readTokensPage, tokensAddress } from './tokens-page.ts';

const base = 'https://git.example.com/bitbucket';
const read = (path: string) => readTokensPage(base, `https://git.example.com${path}`);

test('knows a user’s pages of tokens by their address', () => {
  expect(read('/bitbucket/plugins/servlet/access-tokens/manage')).toEqual({ slug: null, lists: true });
  expect(read('/bitbucket/plugins/servlet/access-tokens/users/john%20doe/manage?x=1')).toEqual({ slug: 'john doe', lists: true });
  expect(read('/bitbucket/plugins/servlet/access-tokens/add')).toEqual({ slug: null, lists: false });
  expect(read('/bitbucket/plugins/servlet/access-tokens')).toEqual({ slug: null, lists: true });
});

test('and leaves all others alone', () => {
  for (const path of [
    '/bitbucket/plugins/servlet/access-tokens/projects/ORCH/manage',
    '/bitbucket/plugins/servlet/access-tokens/repos/1/manage',
    '/bitbucket/plugins/servlet/access-tokens-evil/manage',
    '/plugins/servlet/access-tokens/manage',
    '/bitbucket/account',
  ])
    expect(read(path)).toBeNull();
});

test('tries the slug of the address first, then names as Bitbucket makes slugs of them', () => {
  expect(slugsToTry(['John@Corp'], 'john_corp')).toEqual(['john_corp', 'John@Corp']);
  expect(slugsToTry([], null)).toEqual([]);
});

test('leads to where a token of the same user is made', () => {
  const john = { name: 'John Doe', slug: 'john doe', displayName: 'John' };
  const address = tokensAddress(base, { kind: 'user', owner: john });
  expect(address).toBe('https://git.example.com/bitbucket/plugins/servlet/access-tokens/users/john%20doe/manage');
  expect(readTokensPage(base, address)).toEqual({ slug: 'john doe', lists: true });
  expect(tokensAddress(base, { kind: 'user', owner: null })).toBe('https://git.example.com/bitbucket/plugins/servlet/access-tokens/manage');
  expect(tokensAddress(base, { kind: 'project', owner: null })).toBe(base);
});
