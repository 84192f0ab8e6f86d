import { describe, expect, test } from 'vitest';
import { parseServerUrl } from '@gitprotect/shared/server';
import { addressWarning, requireAllowedAddress } from './allowed-address.ts';

const check = async (text: string): Promise<void> => requireAllowedAddress(parseServerUrl(text));

describe('the address of a server', () => {
  test.each([
    'file:///etc/passwd',
    'ftp://bitbucket.example.com',
    'javascript:alert(1)',
    'data:text/plain,x',
    'bitbucket',
    'https://jane:CANARY@bitbucket.example.com',
    'http://169.254.169.254/latest/meta-data',
    'http://0xA9FEA9FE',
    'http://2852039166',
    'http://169.254.1.1:7990',
    'http://[::ffff:169.254.169.254]',
    'http://[fe80::1]',
    'http://[fd00:ec2::254]',
    'http://100.100.100.200',
    'http://0.0.0.0:7990',
    'http://[::]:7990',
    'http://224.0.0.1',
    'http://255.255.255.255',
  ])('%s is refused', async (text) => {
    await expect(check(text)).rejects.toMatchObject({ code: 'bad-request' });
  });

  test.each(['https://127.0.0.1:7990', 'http://[::1]:7990', 'https://10.1.2.3/bitbucket', 'https://192.168.1.5', 'http://localhost:7990'])(
    '%s is allowed',
    async (text) => {
      await expect(check(text)).resolves.toBeUndefined();
    },
  );

  test('without encryption is warned of, but not on this very machine', () => {
    expect(addressWarning('http://bitbucket.example.com')).toMatch(/without encryption/);
    for (const url of ['https://bitbucket.example.com', 'http://localhost:7990', 'http://127.0.0.5', 'http://[::1]']) {
      expect(addressWarning(url)).toBeNull();
    }
  });
});
