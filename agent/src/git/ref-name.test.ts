import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeName, encodeName } from './ref-name.ts';

test('any bytes come back from their text, through JSON too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (given) => {
      const bytes = Buffer.from(given);
      const text = JSON.parse(JSON.stringify(decodeName(bytes))) as string;
      expect(encodeName(text)).toEqual(bytes);
    }),
    { numRuns: 2000 },
  );
});

test('UTF-8 reads as it is written', () => {
  expect(decodeName(Buffer.from('refs/heads/größe-日本-🎉'))).toBe('refs/heads/größe-日本-🎉');
  expect(encodeName('refs/heads/größe-日本-🎉')).toEqual(Buffer.from('refs/heads/größe-日本-🎉'));
});
