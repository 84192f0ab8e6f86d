import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changesBetween } from './access-changes.ts';

const repos = (...ids: number[]): Map<number, string> => new Map(ids.map((id) => [id, `r${id}`]));
const known = (...ids: number[]) => new Set(ids);

describe('two looks at a project', () => {
  test('differ by what is new, gained and lost', () => {
    expect(changesBetween({ before: repos(1, 2), known: known(1, 2, 3), now: repos(1, 3, 4), fresh: new Set(), looked: true })).toEqual([
      { kind: 'repo-gained', slug: 'r3' },
      { kind: 'repo-new', slug: 'r4' },
      { kind: 'repo-lost', slug: 'r2' },
    ]);
  });

  test('are no news of a repo that another has just found to be new', () => {
    expect(changesBetween({ before: repos(1), known: known(1, 2), now: repos(1, 2), fresh: new Set(['r2']), looked: true })).toEqual([]);
  });

  test('say of a project of which nothing is left that, and nothing of its repos', () => {
    expect(changesBetween({ before: repos(1, 2), known: known(1, 2), now: repos(), fresh: new Set(), looked: true })).toEqual([
      { kind: 'project-lost', slug: '' },
    ]);
  });

  test('are no change where there was none before, save for what nobody knew', () => {
    expect(changesBetween({ before: null, known: known(), now: repos(1, 2), fresh: new Set(), looked: false })).toEqual([]);
    expect(changesBetween({ before: null, known: known(1), now: repos(1, 2), fresh: new Set(), looked: true })).toEqual([
      { kind: 'repo-new', slug: 'r2' },
    ]);
  });

  test('account for every repo exactly once', () => {
    const ids = fc.uniqueArray(fc.nat(9));
    fc.assert(
      fc.property(ids, ids, ids, (before, now, more) => {
        const changes = changesBetween({
          before: repos(...before),
          known: known(...before, ...more),
          now: repos(...now),
          fresh: new Set(),
          looked: true,
        });
        if (now.length === 0) return changes.length === (before.length === 0 ? 0 : 1);
        const gained = now.filter((id) => !before.includes(id));
        const lost = before.filter((id) => !now.includes(id));
        return changes.length === gained.length + lost.length && changes.filter(({ kind }) => kind === 'repo-lost').length === lost.length;
      }),
    );
  });
});
