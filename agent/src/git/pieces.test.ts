import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { growingListings, piecesFor } from './pieces.ts';
import { planFetch } from './plan-fetch.ts';
import type { ListedRefs } from './ref-listing.ts';

function listing(names: readonly string[]): ListedRefs {
  const refs = new Map(names.map((name, index) => [name, { oid: index.toString(16).padStart(40, '0') }]));
  return { refs, head: { symbolic: 'refs/heads/main' }, objectFormat: 'sha1', shallow: [] };
}

describe('a first backup in pieces', () => {
  test('takes older versions and pull requests first, branches last', () => {
    const whole = listing([
      'refs/heads/main',
      'refs/tags/v1.10',
      'refs/tags/v1.9',
      'refs/pull-requests/11/from',
      'refs/pull-requests/2/from',
    ]);
    const [first, second] = growingListings(whole, 2);
    expect([...(first?.refs.keys() ?? [])]).toEqual(['refs/tags/v1.9', 'refs/pull-requests/2/from']);
    expect(first?.head).toEqual({});
    expect(second).toBe(whole);
  });

  test('wants every object once, and ends with the whole listing', () => {
    const names = fc.uniqueArray(
      fc.tuple(fc.constantFrom('heads/', 'tags/v', 'pull-requests/'), fc.nat(50)).map(([kind, id]) => `refs/${kind}${id}`),
    );
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 12 }), (list, pieces) => {
        const whole = listing(list);
        const steps = growingListings(whole, pieces);
        expect(steps.length).toBeLessThanOrEqual(pieces);
        expect(steps.at(-1)).toBe(whole);
        const wants = steps.flatMap((step, index) => planFetch(steps[index - 1], step).wants);
        expect(wants.toSorted()).toEqual([...whole.refs.values()].map(({ oid }) => oid).toSorted());
      }),
    );
  });

  test.each([
    [0, 8],
    [3_000_000, 8],
    [5_000_001, 11],
    [40_000_000, 20],
  ])('of %i objects is cut into %i', (objects, pieces) => {
    expect(piecesFor(objects)).toBe(pieces);
  });
});
