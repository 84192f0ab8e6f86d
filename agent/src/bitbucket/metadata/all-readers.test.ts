import { metadataKinds } from '@gitprotect/shared/metadata';
import { expect, test } from 'vitest';
import { readers } from './all-readers.ts';
import { cannedReader, firstRun, page, projectScope, repoScope, type CannedServer } from './canned.ts';
import { collect } from './collect.ts';

test('every kind has one reader; attachments come with pull requests, and two kinds are in no list', () => {
  const kinds = readers.map(({ kind }) => kind);
  expect([...kinds, 'attachments', 'commit-comments', 'settings-restrictions'].toSorted()).toEqual([...metadataKinds].toSorted());
});

/** Has something of everything, so that every request there is gets asked. */
const generous: CannedServer = (path) => {
  const pull = { id: 1, state: 'OPEN', description: 'attachment:6/5' };
  if (path.endsWith('/pull-requests/2')) return { json: { ...pull, id: 2 } };
  if (path.endsWith('/pull-requests')) return { json: page([pull]) };
  if (path.endsWith('/settings/hooks')) return { json: page([{ details: { key: 'a:b' }, enabled: true }]) };
  if (path.endsWith('/all') && path.includes('/permissions/')) return { json: { permitted: true } };
  return { json: page([]) };
};

/** The published template of a path: what lies between the names is fixed. */
const matches = (operation: string, path: string): boolean =>
  new RegExp(
    `^${operation
      .replace(/^GET /, '/rest')
      .replaceAll('.', String.raw`\.`)
      .replaceAll(/\{\w+\}/g, '[^/]+')}$`,
  ).test(path);

test.each([
  ['repo', repoScope],
  ['project', projectScope],
] as const)('the operations declared for a %s are those that are asked', async (level, scope) => {
  for (const reader of readers) {
    const declared = reader.operations[level];
    if (declared === undefined) continue;
    const { reader: from, asked } = cannedReader(generous);
    const stampOf = (kind: string, key: string) => (kind === 'pull-requests' && key === '2' ? 'old' : undefined);
    await collect(reader.read(from, scope, { ...firstRun, stampOf }));
    const paths = asked.map((url) => url.split('?')[0] ?? '');
    expect(paths.filter((path) => !declared.some((operation) => matches(operation, path)))).toEqual([]);
    expect(declared.filter((operation) => !paths.some((path) => matches(operation, path)))).toEqual([]);
  }
});
