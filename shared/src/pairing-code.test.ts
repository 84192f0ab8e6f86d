import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPairingCode, parsePairingCode } from './pairing-code.ts';

const anyCode = fc.record({ port: fc.integer({ min: 1, max: 65_535 }), secret: fc.uint8Array({ minLength: 16, maxLength: 16 }) });

describe('a pairing code', () => {
  test('is read back whatever port and secret it holds', () => {
    fc.assert(
      fc.property(anyCode, ({ port, secret }) => {
        const code = { port, secret: Uint8Array.from(secret) };
        const text = formatPairingCode(code);
        expect(text).toMatch(/^gp1-\d+-[0-9a-z]{26}$/);
        expect(parsePairingCode(text)).toEqual(code);
        const typed = text.slice(text.lastIndexOf('-')).toUpperCase().replaceAll('0', 'O').replaceAll('1', 'l');
        expect(parsePairingCode(` GP1-${port}${typed}\n`)).toEqual(code);
      }),
    );
  });

  const code = formatPairingCode({ port: 7717, secret: new Uint8Array(16).fill(0xa5) });
  test.each([
    ['nothing', ''],
    ['a word', 'hello'],
    ['one sign too few', code.slice(0, -1)],
    ['one sign too many', `${code}0`],
    ['a sign that is none', `${code.slice(0, -1)}u`],
    ['no port', code.replace('7717', '')],
    ['port 0', code.replace('7717', '0')],
    ['a port that is none', code.replace('7717', '65536')],
    ['another version', code.replace('gp1', 'gp2')],
    ['bits beyond the secret', `${code.slice(0, -1)}1`],
    ['a token of Bitbucket', 'BBDC-NjMwMzM2ODk2NjE2Ou/Ku2ZYnJ9F1rSDkPSHNoDsrtdF'],
  ])('is not %s', (_, text) => {
    expect(() => parsePairingCode(text)).toThrow('this is not a pairing code');
  });
});
