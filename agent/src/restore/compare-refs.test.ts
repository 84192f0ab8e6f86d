import { describe, expect, test } from 'vitest';
import { compareRefs, type RepoRefs } from './compare-refs.ts';

const a = 'a'.repeat(40);
const b = 'b'.repeat(40);
const recorded: RepoRefs = {
  refs: new Map([
    ['refs/heads/main', { oid: a }],
    ['refs/tags/v1', { oid: b, peeled: a }],
  ]),
  head: { symbolic: 'refs/heads/main', oid: a },
};
const withRefs = (...refs: [string, string][]): RepoRefs => ({ ...recorded, refs: new Map(refs.map(([name, oid]) => [name, { oid }])) });

describe('comparing a restored repo with its manifest', () => {
  test('finds nothing where nothing differs', () => {
    expect(compareRefs(recorded, recorded)).toEqual([]);
  });

  test('names what is missing, what moved and what is new', () => {
    expect(compareRefs(recorded, withRefs(['refs/heads/main', b], ['refs/heads/new', a]))).toEqual([
      `refs/heads/main is ${b} and was ${a}`,
      'refs/tags/v1 is missing',
      'refs/heads/new is new',
    ]);
  });

  test('names a HEAD that points elsewhere, also when its branch does not exist', () => {
    const head = { symbolic: 'refs/heads/none', unborn: true };
    expect(compareRefs(recorded, { ...recorded, head })).toEqual(['HEAD is refs/heads/none and was refs/heads/main']);
    expect(compareRefs({ ...recorded, head }, { ...recorded, head })).toEqual([]);
    expect(compareRefs({ ...recorded, head: { oid: a } }, { ...recorded, head: { oid: b } })).toEqual([`HEAD is ${b} and was ${a}`]);
  });

  test('asks nothing of HEAD when the server said nothing of it', () => {
    expect(compareRefs({ ...recorded, head: {} }, recorded)).toEqual([]);
  });
});
