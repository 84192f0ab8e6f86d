import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyDifference, readRefLine, refDifference, refLine, type Refs, refsHash } from './refs.ts';

const oid = fc.stringMatching(/^[0-9a-f]{40}$/);
const name = fc
  .oneof(fc.stringMatching(/^[a-c]{1,2}(\/[a-c]){0,2}$/), fc.string({ unit: 'binary' }), fc.constant('\udc80x'))
  // oxlint-disable-next-line no-control-regex
  .map((text) => `refs/${text.replaceAll(/[\u0000-\u0020\u007f]/g, '')}x`);
const target = fc.oneof(
  oid.map((id) => ({ oid: id })),
  fc.tuple(oid, oid).map(([id, peeled]) => ({ oid: id, peeled })),
);
const refs: fc.Arbitrary<Refs> = fc.array(fc.tuple(name, target), { maxLength: 12 }).map((list) => new Map(list));

const lines = (list: Refs): string[] => Array.from(list, ([key, to]) => refLine(key, to)).toSorted();

describe('refs', () => {
  test('come back from their lines', () => {
    fc.assert(
      fc.property(name, target, (each, to) => {
        expect(readRefLine(refLine(each, to))).toEqual([each, to]);
      }),
    );
  });

  test('of which a line that is no ref is refused', () => {
    const id = 'a'.repeat(40);
    for (const line of ['', id, `${id} `, `${id} main`, `${id} refs/a b`, `${id} refs/a\n`, `x refs/a`])
      expect(readRefLine(line)).toBeUndefined();
  });

  test('come back from any other list and the difference to it', () => {
    fc.assert(
      fc.property(refs, refs, (base, wanted) => {
        expect(new Map(applyDifference(base, refDifference(base, wanted)))).toEqual(new Map(wanted));
      }),
    );
  });

  test('differ by nothing from themselves, and by one line when only what a tag stands for has changed', () => {
    const id = 'a'.repeat(40);
    const tag: Refs = new Map([['refs/tags/v1', { oid: id, peeled: 'b'.repeat(40) }]]);
    expect(refDifference(tag, tag)).toEqual({ set: [], gone: [] });
    expect(refDifference(tag, new Map([['refs/tags/v1', { oid: id }]])).set).toEqual([`${id} refs/tags/v1`]);
  });

  test('have one hash in whatever order, and another when anything differs', () => {
    fc.assert(
      fc.property(refs, refs, (a, b) => {
        expect(refsHash(new Map([...a].toReversed()))).toBe(refsHash(a));
        expect(refsHash(a) === refsHash(b)).toBe(JSON.stringify(lines(a)) === JSON.stringify(lines(b)));
      }),
    );
  });

  test('have the hash that sort and sha256sum print', () => {
    const list: Refs = new Map([
      ['refs/heads/ä', { oid: 'b'.repeat(40) }],
      ['refs/heads/\udcff', { oid: 'b'.repeat(40) }],
      ['refs/tags/v1', { oid: 'a'.repeat(40), peeled: 'c'.repeat(40) }],
    ]);
    const id = 'b'.repeat(40);
    const input = Buffer.concat([
      Buffer.from(`${id} refs/heads/ä\n${id} refs/heads/`),
      Buffer.of(0xff),
      Buffer.from(`\n${'a'.repeat(40)} refs/tags/v1 ${'c'.repeat(40)}\n`),
    ]);
    const printed = execFileSync('sh', ['-c', 'LC_ALL=C sort | sha256sum'], { input }).toString();
    expect(printed).toContain(refsHash(list));
  });
});
