import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sift, type Answer } from './sift.ts';

/** A server that lacks some of the items, and names the lost one or not. */
function server(lost: ReadonlySet<number>, names: boolean) {
  const asked: number[][] = [];
  const ask = async (group: readonly number[]): Promise<Answer<number>> => {
    asked.push([...group]);
    const first = group.find((item) => lost.has(item));
    if (first === undefined) return 'had';
    return names ? { without: first } : 'refused';
  };
  return { asked, ask };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const cases = fc.record({
  count: fc.nat(300),
  lost: fc.array(fc.nat(300), { maxLength: 12 }),
  largest: fc.integer({ min: 1, max: 100 }),
  names: fc.boolean(),
});

describe('asking a damaged repo for objects', () => {
  test('tells exactly the lost ones from the others, and asks for none that it has again', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, lost, largest, names }) => {
        const missing = new Set(lost.filter((item) => item < count));
        const { ask, asked } = server(missing, names);
        const sifted = await sift(numbers(count), { largest, requests: Infinity }, ask);
        expect(sifted.unasked).toEqual([]);
        expect([...sifted.lost].toSorted((a, b) => a - b)).toEqual([...missing].toSorted((a, b) => a - b));
        expect([...sifted.had, ...sifted.lost].toSorted((a, b) => a - b)).toEqual(numbers(count));
        const groups = Math.ceil(count / largest);
        expect(asked.length).toBeLessThanOrEqual(groups + missing.size * (names ? 1 : 2 * Math.ceil(Math.log2(largest + 1))));
      }),
    );
  });

  test('stops at the number of requests it may make, and says what it did not come to', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(20), async ({ count, lost, largest, names }, requests) => {
        const { ask, asked } = server(new Set(lost), names);
        const { had, lost: gone, unasked } = await sift(numbers(count), { largest, requests }, ask);
        expect(asked.length).toBeLessThanOrEqual(requests);
        expect([...had, ...gone, ...unasked].toSorted((a, b) => a - b)).toEqual(numbers(count));
      }),
    );
  });

  test('takes a server that names what it was not asked for as one that refuses', async () => {
    const sifted = await sift([1, 2], { largest: 2, requests: 10 }, async (group) => (group.includes(2) ? { without: 7 } : 'had'));
    expect(sifted).toEqual({ had: [1], lost: [2], unasked: [] });
  });
});
