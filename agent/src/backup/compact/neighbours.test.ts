import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longest, mergedTo, neighboursToMerge } from './neighbours.ts';

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

/** What becomes of a chain to which links of these sizes are added, and the bytes that were rewritten. */
function live(sizes: readonly number[]) {
  let chain: number[] = [];
  let rewritten = 0;
  let longestSeen = 0;
  for (const size of sizes) {
    chain.push(size);
    for (let run = neighboursToMerge(chain.map((bytes) => ({ bytes }))); run !== null;) {
      const merged = sum(chain.slice(run.from, run.to));
      rewritten += merged;
      chain = [...chain.slice(0, run.from), merged, ...chain.slice(run.to)];
      run = neighboursToMerge(chain.map((bytes) => ({ bytes })));
    }
    longestSeen = Math.max(longestSeen, chain.length);
  }
  return { chain, rewritten, longestSeen };
}

const kilobytes = fc.integer({ min: 1, max: 1000 });
/** Sizes as they come: most small, some huge. */
const wild = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.double({ min: 1, max: 2, noNaN: true }))
  .map(([power, part]) => 2 ** power * part);

describe('which neighbours are merged', () => {
  test('keeps every chain short, whatever the sizes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(kilobytes, wild), { minLength: 1, maxLength: 200 }), (sizes) => {
        const { chain, longestSeen } = live(sizes);
        expect(longestSeen).toBeLessThanOrEqual(longest);
        expect(sum(chain)).toBeCloseTo(sum(sizes), -3);
      }),
    );
  });

  test('rewrites a byte no more often than grows with the logarithm of the number of backups', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(kilobytes, wild), { minLength: 10, maxLength: 600 }), (sizes) => {
        expect(live(sizes).rewritten).toBeLessThanOrEqual(sum(sizes) * (1 + Math.log2(sizes.length)));
      }),
      { numRuns: 60 },
    );
    const base = 1_000_000;
    for (const years of [1, 4]) {
      const daily = Array.from({ length: years * 365 }, () => 1000);
      expect(live([base, ...daily]).rewritten / sum(daily)).toBeLessThan(1 + Math.log2(daily.length) / 2);
    }
  });

  test('are found among the last few hundred links, however long a chain is, and in turn all of it becomes short', () => {
    const chain = Array.from({ length: 20_000 }, () => ({ bytes: 1 }));
    expect(neighboursToMerge(chain)?.from).toBeGreaterThanOrEqual(chain.length - 400);
    expect(mergedTo(chain.slice(0, 2000)).after).toBeLessThanOrEqual(longest);
  });

  test('leaves a base and other large links alone while small ones can be merged', () => {
    expect(neighboursToMerge([1e6, 9, 9, 9, 9, 9, 9, 9].map((bytes) => ({ bytes })))).toBeNull();
    expect(neighboursToMerge([1e6, 9, 9, 9, 9, 9, 9, 9, 9].map((bytes) => ({ bytes })))).toEqual({ from: 1, to: 9 });
    expect(neighboursToMerge([1e6, 9, 9, 9, 1e5, 9, 9, 9, 9].map((bytes) => ({ bytes })))).toEqual({ from: 5, to: 9 });
  });
});
