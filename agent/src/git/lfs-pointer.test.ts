import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pointerLimit, readPointer } from './lfs-pointer.ts';

const oid = fc.stringMatching(/^[0-9a-f]{64}$/);
const bytes = fc.nat({ max: 999_999_999_999_999 });
const spec = 'https://git-lfs.github.com/spec/v1';
const pointer = (lines: readonly string[], end = '\n'): Buffer => Buffer.from(lines.map((line) => `${line}${end}`).join(''));

describe('a pointer', () => {
  test('says the oid and size it was written with, whatever the line ends and keys of extensions', () => {
    const extra = fc.array(fc.stringMatching(/^ext-\d-[a-z]{1,10} sha256:[0-9a-f]{64}$/), { maxLength: 3 });
    fc.assert(
      fc.property(oid, bytes, extra, fc.constantFrom('\n', '\r\n'), (hash, size, more, end) => {
        const text = pointer([`version ${spec}`, ...more, `oid sha256:${hash}`, `size ${size}`], end);
        expect(readPointer(text)).toEqual({ oid: hash, bytes: size });
        expect(readPointer(text.subarray(0, text.length - end.length))).toEqual({ oid: hash, bytes: size });
      }),
    );
  });

  test('is no other blob, and none throws', () => {
    const none = (blob: Uint8Array): boolean => readPointer(blob) === null;
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), none));
  });

  test('with one character less is never one with another oid or none of its size', () => {
    fc.assert(
      fc.property(oid, bytes, fc.nat(), (hash, size, seed) => {
        const text = pointer([`version ${spec}`, `oid sha256:${hash}`, `size ${size}`]);
        const at = seed % text.length;
        const read = readPointer(Buffer.concat([text.subarray(0, at), text.subarray(at + 1)]));
        expect(read?.oid ?? hash).toBe(hash);
      }),
    );
  });

  test('needs all three lines and has its size', () => {
    const lines = [`version ${spec}`, `oid sha256:${'a'.repeat(64)}`, 'size 5'];
    for (const left of lines) expect(readPointer(pointer(lines.filter((line) => line !== left)))).toBeNull();
    expect(readPointer(pointer([...lines, `x ${'y'.repeat(pointerLimit)}`]))).toBeNull();
    expect(readPointer(pointer([`version ${spec}`, `oid sha256:${'A'.repeat(64)}`, 'size 5']))).toBeNull();
    expect(readPointer(pointer([`version ${spec}`, `oid sha256:${'a'.repeat(64)}`, 'size -5']))).toBeNull();
  });
});
