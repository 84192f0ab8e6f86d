import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { parseCa } from './ca.ts';

const [first = '', second = ''] = rootCertificates;

test('takes the certificates of a file and nothing else', () => {
  expect(parseCa(`Bag Attributes\n${first}\r\n${second}\nthe end`)).toBe(`${first}\n${second}\n`);
});

test.each([
  ['nothing', ''],
  ['something else', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
  ['a damaged certificate', first.replace('MII', 'AAA')],
  ['a private key', `${first}\n-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----`],
])('refuses %s', (_, pem) => {
  expect(() => parseCa(pem)).toThrow(expect.objectContaining({ code: 'bad-request' }));
});
