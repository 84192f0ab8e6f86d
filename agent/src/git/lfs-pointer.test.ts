import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pointerLimit, readPointer } from './lfs-pointer.ts';

const oid = fc.stringMatching(/^[0-9a-f]{64}$/);
const bytes = fc.nat({ max: 2 ** 40 });
const lineEnd = fc.constantFrom('\n', '\r\n');
const word = fc.stringMatching(/^[a-z0-9.-]{1,12}$/);
/** A key of an extension, or of a version to come. */
const otherLine = fc
  .tuple(word, word)
  .filter(([key]) => !['oid', 'size', 'version'].includes(key))
  .map(([key, value]) => `${key} ${value}`);
const specifications = fc.constantFrom(
  'https://git-lfs.github.com/spec/v1',
  'https://hawser.github.com/spec/v1',
  'http://git-media.io/v/2',
);

describe('a pointer', () => {
  test('is read whatever its line ends, its last one, the order of its keys and other keys among them', () => {
    const pointer = fc.record({
      oid,
      bytes,
      lineEnd,
      last: fc.boolean(),
      version: specifications,
      others: fc.array(otherLine, { maxLength: 5 }),
      turned: fc.boolean(),
    });
    fc.assert(
      fc.property(pointer, ({ oid, bytes, lineEnd, last, version, others, turned }) => {
        const keys = [...others, `oid sha256:${oid}`, `size ${bytes}`];
        const text = [`version ${version}`, ...(turned ? keys.toReversed() : keys)].join(lineEnd) + (last ? lineEnd : '');
        expect(readPointer(Buffer.from(text))).toEqual({ oid, bytes });
      }),
    );
  });

  test('is none without version, oid or size, with an oid of another kind, or as long as a file', () => {
    const text = (lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`);
    const lines = ['version https://git-lfs.github.com/spec/v1', `oid sha256:${'ab'.repeat(32)}`, 'size 12'];
    expect(readPointer(text(lines))).toEqual({ oid: 'ab'.repeat(32), bytes: 12 });
    const broken = [
      lines.slice(1),
      lines.toSpliced(1, 1),
      lines.slice(0, 2),
      lines.with(0, 'version https://example.com/spec/v1'),
      lines.with(1, `oid md5:${'ab'.repeat(32)}`),
      lines.with(1, `oid sha256:${'AB'.repeat(32)}`),
      lines.with(1, `oid sha256:${'ab'.repeat(31)}`),
      lines.with(2, 'size -1'),
      lines.with(2, 'size many'),
      [...lines, 'x '.padEnd(pointerLimit, 'y')],
    ];
    expect(broken.map((one) => readPointer(text(one)))).toEqual(broken.map(() => null));
  });

  test('is never seen where the bytes do not begin as one, and no bytes make the reader throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1100 }), (blob) => readPointer(blob) === null));
    const start = Buffer.from('version https://git-lfs.github.com/spec/v1\n');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (rest) => {
        const pointer = readPointer(Buffer.concat([start, rest]));
        return pointer === null || /^[0-9a-f]{64}$/.test(pointer.oid);
      }),
    );
  });
});
