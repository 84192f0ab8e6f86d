import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answeredBy, nodeOf, nodesIn, type Nodes } from './nodes.ts';

test('the node is read from the request id, and from nothing else', () => {
  expect(nodeOf('@5BAAJ5x535x416x0')).toBe('5BAAJ5');
  expect(nodeOf('*1Y8NA7Ox764x406x0')).toBe('1Y8NA7O');
  for (const other of [undefined, '', 'abc', '3755c266a371a3de6f4ac4e217c9c2cf']) expect(nodeOf(other)).toBeNull();
});

test('nodes are counted by what the busiest one carries, never more than there are', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 600 }), (answers) => {
      let nodes: Nodes = new Map();
      for (const node of answers) nodes = answeredBy(nodes, `N${node}`);
      expect(nodesIn(nodes)).toBeGreaterThanOrEqual(1);
      expect(nodesIn(nodes)).toBeLessThanOrEqual(Math.max(1, new Set(answers).size));
    }),
  );
});

test('three that take turns are found to be three, one that is left behind is forgotten, and ids that never repeat are no nodes', () => {
  let nodes: Nodes = new Map();
  for (let n = 0; n < 150; n += 1) nodes = answeredBy(nodes, `N${n % 3}`);
  expect(nodesIn(nodes)).toBeGreaterThan(2.8);
  for (let n = 0; n < 1500; n += 1) nodes = answeredBy(nodes, 'N0');
  expect(nodesIn(nodes)).toBe(1);
  for (let n = 0; n < 50; n += 1) nodes = answeredBy(nodes, `once${n}`);
  expect(nodesIn(nodes)).toBe(1);
});
