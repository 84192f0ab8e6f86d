import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListedRefs } from '../git/ref-listing.ts';
import { obtainable, wordsOfLoss } from './loss.ts';

const oid = (digit: number): string => digit.toString(16).repeat(40);
const names = fc.constantFrom('refs/heads/main', 'refs/heads/side', 'refs/tags/v1', 'refs/tags/v2');
const refsOf = fc.dictionary(names, fc.integer({ min: 1, max: 15 }).map(oid)).map((record) => {
  return new Map(Object.entries(record).map(([name, id]) => [name, { oid: id }]));
});
const listings = fc.record({ refs: refsOf, detached: fc.boolean() }).map(({ refs, detached }): ListedRefs => {
  const target = refs.get('refs/heads/main')?.oid;
  const named = detached ? {} : { symbolic: 'refs/heads/main' };
  const head = target === undefined ? { ...named, unborn: true } : { ...named, oid: target };
  return { refs, head, objectFormat: 'sha1', shallow: [] };
});

describe('what can be had of a listing', () => {
  test('names no object out of reach, keeps what the chain has, and says every ref that is not as the server has it', () => {
    const lost = fc.array(fc.integer({ min: 1, max: 15 }).map(oid)).map((ids) => new Set(ids));
    fc.assert(
      fc.property(listings, listings, lost, (listed, old, outOfReach) => {
        // What the chain holds is within reach.
        const held = { ...old, refs: new Map([...old.refs].filter(([, target]) => !outOfReach.has(target.oid))), head: {} };
        const had = obtainable(listed, outOfReach, held);
        for (const { oid: id } of had.listed.refs.values()) expect(outOfReach.has(id)).toBe(false);
        expect(outOfReach.has(had.listed.head.oid ?? '')).toBe(false);
        const other = [...listed.refs].filter(([name, target]) => had.listed.refs.get(name)?.oid !== target.oid).map(([name]) => name);
        expect(had.lost.map(({ name }) => String(name)).toSorted()).toEqual(other.toSorted());
        for (const name of other) expect(had.listed.refs.get(name)).toEqual(held.refs.get(name));
      }),
    );
  });

  test('is the listing itself when nothing is out of reach', () => {
    fc.assert(
      fc.property(listings, (listed) => {
        expect(obtainable(listed, new Set(), undefined)).toEqual({ listed, lost: [] });
      }),
    );
  });
});

test('a loss is put in words that name the first of what is lost', () => {
  expect(wordsOfLoss([])).toEqual([]);
  const objects = [1, 2, 3, 4, 5, 6].map((digit) => ({ oid: oid(digit), kind: 'object' as const, name: digit === 2 ? null : `f${digit}` }));
  const [words, ...others] = wordsOfLoss([...objects, { oid: oid(7), kind: 'ref', name: 'refs/heads/main' }]);
  expect(words).toContain(`lost 6 objects (f1, ${oid(2)}, f3, f4, f5, …)`);
  expect(others).toEqual([expect.stringContaining('cannot give 1 ref (refs/heads/main)')]);
});
