import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { massChange, planFetch, planForkFetch, refsVanished, type KnownListing } from './plan-fetch.ts';
import type { Head, ListedRefs, RefTarget } from './ref-listing.ts';

const oid = (name: string): string => Buffer.from(name).toString('hex').padEnd(40, '0');

/** `{ main: 'c1', 'tags/v1': 't1>c1' }` as a listing; `t1>c1` is a tag object and what it peels to. */
function listing(refs: Readonly<Record<string, string>>, headName = 'main'): ListedRefs {
  const map = new Map<string, RefTarget>();
  for (const [name, value] of Object.entries(refs)) {
    const [id = '', peeled] = value.split('>');
    map.set(
      name.includes('/') ? `refs/${name}` : `refs/heads/${name}`,
      peeled === undefined ? { oid: oid(id) } : { oid: oid(id), peeled: oid(peeled) },
    );
  }
  const symbolic = `refs/heads/${headName}`;
  const at = map.get(symbolic);
  const head: Head = at === undefined ? { symbolic, unborn: true } : { symbolic, oid: at.oid };
  return { refs: map, head, objectFormat: 'sha1', shallow: [] };
}

describe('a fetch is planned', () => {
  test('for everything, with HEAD in the header, when there was nothing before', () => {
    const plan = planFetch(undefined, listing({ main: 'c1', same: 'c1', 'tags/v1': 't1>c0' }));
    expect(plan.wants).toEqual([oid('c1'), oid('t1')]);
    expect(plan.haves).toEqual([]);
    expect(plan.header.prerequisites).toEqual([]);
    expect(plan.header.refs.at(-1)).toEqual(['HEAD', oid('c1')]);
  });

  test("with HEAD's commit and the old values of changed branches as haves, and only changed refs in the header", () => {
    const before = listing({ main: 'c1', work: 'c2', old: 'c3', still: 'c4' });
    const plan = planFetch(before, listing({ main: 'c1', work: 'c5', still: 'c4', fresh: 'c6' }));
    expect(plan.changes).toEqual({ added: ['refs/heads/fresh'], moved: ['refs/heads/work'], deleted: ['refs/heads/old'] });
    expect(plan.wants).toEqual([oid('c6'), oid('c5')]);
    expect(new Set(plan.haves)).toEqual(new Set(['c1', 'c2', 'c3'].map(oid)));
    expect(plan.header.refs).toEqual([
      ['refs/heads/fresh', oid('c6')],
      ['refs/heads/work', oid('c5')],
    ]);
  });

  test('with no wants when every new ref is a tip already held', () => {
    const before = listing({ main: 'c1', 'tags/v1': 't1>c0' });
    const plan = planFetch(before, listing({ main: 'c1', 'tags/v1': 't1>c0', again: 'c0', 'tags/v2': 't1>c0', back: 'c9' }), [oid('c9')]);
    expect(plan.wants).toEqual([]);
    expect(plan.haves).toEqual([]);
    expect(plan.changes.added).toHaveLength(3);
  });

  test('with a want for an object that is in the history but was no tip', () => {
    expect(planFetch(listing({ main: 'c9' }), listing({ main: 'c9', back: 'c3' })).wants).toEqual([oid('c3')]);
  });

  test('without tags, trees or blobs among haves and prerequisites while there is a branch', () => {
    const plan = planFetch(
      listing({ main: 'c1', 'tags/v1': 't1>tree1', 'tags/light': 'blob1' }),
      listing({ main: 'c2', 'tags/v1': 't2>tree2' }),
    );
    expect(plan.haves).toEqual([oid('c1')]);
    expect(plan.header.prerequisites).toEqual([oid('c1')]);
  });

  test('with what tags stand for as haves, but not as prerequisites, when there is no branch', () => {
    const plan = planFetch(listing({ 'tags/v1': 't1>c1' }), listing({ 'tags/v1': 't1>c1', 'tags/v2': 't2>c2' }));
    expect(plan.haves).toEqual([oid('c1')]);
    expect(plan.header.prerequisites).toEqual([]);
  });

  test('and sees that only HEAD moved', () => {
    const refs = { main: 'c1', develop: 'c2' };
    const plan = planFetch(listing(refs), listing(refs, 'develop'));
    expect(plan).toMatchObject({ headChanged: true, wants: [], changes: { added: [], moved: [], deleted: [] } });
  });

  test('so that everything new is wanted or held, and no want is ever a have', () => {
    const refs = fc.dictionary(
      fc.constantFrom('main', 'a', 'b', 'tags/x', 'tags/y', 'notes/n'),
      fc.constantFrom('1', '2', '3', '4', 't>1', 'u>9'),
    );
    fc.assert(
      fc.property(refs, refs, (old, now) => {
        const [before, after] = [listing(old), listing(now)];
        const plan = planFetch(before, after);
        const known = new Set([...before.refs.values()].flatMap(({ oid: id, peeled }) => [id, peeled]));
        for (const { oid: id } of after.refs.values()) expect(known.has(id) || plan.wants.includes(id)).toBe(true);
        expect(plan.wants.filter((want) => known.has(want) || plan.haves.includes(want))).toEqual([]);
        const tagObjects = [...before.refs.values()].filter(({ peeled }) => peeled !== undefined).map(({ oid: id }) => id);
        expect(plan.haves.filter((have) => tagObjects.includes(have))).toEqual([]);
      }),
    );
  });
});

const refs = (count: number): KnownListing['refs'] =>
  new Map(Array.from({ length: count }, (_, index) => [`refs/heads/${index}`, { oid: oid('c') }]));

describe('vanished refs', () => {
  test.each([
    [1, 0, true],
    [3, 1, false],
    [8, 4, false],
    [8, 3, true],
    [100, 49, true],
    [100, 100, false],
    [0, 0, false],
    [0, 5, false],
  ])('%i refs before and %i now: suspicious is %s', (before, after, suspicious) => {
    expect(refsVanished(refs(before), refs(after))).toBe(suspicious);
  });
});

describe('a mass change', () => {
  const list = (branches: number, tags: number, at: string): KnownListing['refs'] =>
    new Map([
      ...Array.from({ length: branches }, (_, index) => [`refs/heads/${index}`, { oid: oid(at) }] as const),
      ...Array.from({ length: tags }, (_, index) => [`refs/tags/${index}`, { oid: oid(at) }] as const),
    ]);

  test.each([
    ['most refs deleted', list(10, 0, 'a'), list(4, 0, 'a'), { refs: 10, deleted: 6, rewritten: 0 }],
    ['the only ref deleted', list(1, 0, 'a'), new Map(), { refs: 1, deleted: 1, rewritten: 0 }],
    ['every branch and tag rewritten', list(3, 9, 'a'), list(3, 9, 'b'), { refs: 12, deleted: 0, rewritten: 12 }],
    ['most tags moved', list(2, 9, 'a'), new Map([...list(2, 0, 'a'), ...list(0, 9, 'b')]), { refs: 11, deleted: 0, rewritten: 9 }],
    ['every one of many branches moved', list(8, 0, 'a'), list(8, 0, 'b'), { refs: 8, deleted: 0, rewritten: 8 }],
  ])('is %s', (_name, before, after, expected) => expect(massChange(before, after)).toEqual(expected));

  test.each([
    ['the first listing', new Map(), list(9, 0, 'a')],
    ['a branch that goes on', list(1, 0, 'a'), list(1, 0, 'b')],
    ['both branches of a small repo', list(2, 3, 'a'), new Map([...list(2, 0, 'b'), ...list(0, 3, 'a')])],
    ['most branches of many', list(20, 0, 'a'), new Map([...list(20, 0, 'b'), ['refs/heads/0', { oid: oid('a') }]])],
    ['half of the refs deleted', list(8, 0, 'a'), list(4, 0, 'a')],
  ])('is not %s', (_name, before, after) => expect(massChange(before, after)).toBeNull());
});

describe('the fetch of a fork is planned', () => {
  const names = fc.constantFrom('main', 'work', 'notes/x', 'tags/v1', 'pull-requests/1/from');
  const values = fc.constantFrom('c1', 'c2', 'c3', 't1>c4', 't2>c1');
  const listings = fc.dictionary(names, values).map((refs) => listing(refs));

  test('with every tip that the other snapshot has not, and commits of that one alone to offer, each once', () => {
    fc.assert(
      fc.property(listings, listings, (origin, fork) => {
        const { wants, offers } = planForkFetch(origin, fork);
        const held = new Set([...origin.refs.values()].flatMap(({ oid: id, peeled }) => (peeled === undefined ? [id] : [id, peeled])));
        const tips = new Set([...fork.refs.values()].map((target) => target.oid));
        expect(new Set(wants)).toEqual(new Set([...tips].filter((id) => !held.has(id))));
        const commits = new Set(
          [...origin.refs].filter(([name]) => !name.startsWith('refs/tags/')).map(([, target]) => target.peeled ?? target.oid),
        );
        expect(new Set(offers)).toEqual(commits);
        expect(offers).toHaveLength(commits.size);
      }),
    );
  });

  test('offering first what the fork is most likely to have, and never more than a request can bear', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`pull-requests/${index}/from`, `p${index}`]));
    const origin = listing({ ...many, main: 'c1', work: 'c2', same: 'c3' });
    const { offers } = planForkFetch(origin, listing({ main: 'c9', same: 'c3' }));
    expect(offers.slice(0, 3)).toEqual(['c1', 'c3', 'c2'].map(oid));
    expect(offers).toHaveLength(4096);
  });
});
