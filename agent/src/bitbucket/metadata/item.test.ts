import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOwn, pairItems, type Item } from './item.ts';

const item = (key: string, content: unknown): Item => ({ key, what: key, content });
const someItems = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b', 'c'), what: fc.constant('x'), content: fc.integer({ min: 0, max: 3 }) }),
  {
    maxLength: 8,
  },
);

test('an equal thing is preferred to one with the same key only', () => {
  const { pairs, extra } = pairItems([item('a', 1), item('a', 2)], [item('a', 2), item('a', 3)]);
  expect(pairs.map(({ present, same }) => [present?.content, same])).toEqual([
    [3, false],
    [2, true],
  ]);
  expect(extra).toEqual([]);
});

test('the order of an object’s fields is no difference', () => {
  expect(pairItems([item('a', { x: 1, y: [1] })], [item('a', { y: [1], x: 1 })]).pairs[0]?.same).toBe(true);
});

test('each present thing serves once, and none is lost', () => {
  fc.assert(
    fc.property(someItems, someItems, (wanted, present) => {
      const { pairs, extra } = pairItems(wanted, present);
      const used = [...pairs.flatMap((pair) => pair.present ?? []), ...extra];
      expect(new Set(used)).toEqual(new Set(present));
      expect(used).toHaveLength(present.length);
      expect(pairs.map((pair) => pair.wanted)).toEqual(wanted);
    }),
  );
});

test.each([
  [{ scope: { type: 'PROJECT' } }, 'repo', false],
  [{ scope: { type: 'GLOBAL' } }, 'project', false],
  [{ scope: { type: 'REPOSITORY' } }, 'repo', true],
  [{ scopeType: 'project' }, 'repo', false],
  [{ scopeType: 'repository' }, 'repo', true],
  [{}, 'project', true],
] as const)('%j in a %s is its own: %s', (value, level, own) => {
  expect(isOwn(value, level)).toBe(own);
});
