import type { CoverageTable } from '@gitprotect/shared/repo';
import { expect, test } from 'vitest';
import { coverOf, shownRepos } from './coverage-filter.ts';

const account = (credentialId: string, inUse: boolean) => ({ credentialId, name: credentialId, ownerSlug: null, inUse, right: null });
const repo = (id: number, slug: string, ...seenBy: string[]) => ({ id, slug, archived: false, seenBy, lastSeenAt: '2026-11-22T00:00:00Z' });
const table: CoverageTable = {
  accounts: [account('used', true), account('idle', false)],
  repos: [repo(1, 'apple', 'used', 'idle'), repo(2, 'pear', 'idle'), repo(3, 'plum')],
};
const slugs = (filter: Parameters<typeof shownRepos>[1]) => shownRepos(table, filter).map(({ slug }) => slug);

test('a repo is covered by an account that a plan uses, and by no other', () => {
  expect(table.repos.map((one) => coverOf(one, table.accounts))).toEqual(['covered', 'not-used', 'nobody']);
});

test('repos with a problem come first, and alone when asked for', () => {
  expect(slugs({ problems: false, text: '' })).toEqual(['pear', 'plum', 'apple']);
  expect(slugs({ problems: true, text: '' })).toEqual(['pear', 'plum']);
  expect(slugs({ problems: false, text: 'PL' })).toEqual(['plum', 'apple']);
});
