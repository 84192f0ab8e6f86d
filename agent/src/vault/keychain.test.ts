import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { Secret } from '../lib/secret.ts';
import { KeychainVault } from './keychain.ts';
import { keyringSession, withKeyring, type KeyringSession } from './keyring-session.ts';
import { openVault } from './vault.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'gitprotect-keychain-'));
const canary = new Secret('CANARY-keychain');

const why = withKeyring ? '' : ' (skipped: needs dbus-daemon, dbus-send and gnome-keyring-daemon)';

const before = process.env['DBUS_SESSION_BUS_ADDRESS'];
afterEach(() => {
  if (before === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS'];
  else process.env['DBUS_SESSION_BUS_ADDRESS'] = before;
});

async function session(): Promise<KeyringSession> {
  const started = await keyringSession();
  process.env['DBUS_SESSION_BUS_ADDRESS'] = started.address;
  return started;
}

describe.skipIf(!withKeyring)(`the keychain${why}`, () => {
  test('keeps secrets for the next start, and finds and deletes them', async () => {
    await using _ = await session();
    {
      await using vault = await KeychainVault.open('one', systemClock);
      await vault.set('credential:a', canary);
      await vault.set('credential:b', canary);
    }
    await using vault = await KeychainVault.open('one', systemClock);
    expect((await vault.get('credential:a'))?.reveal()).toBe(canary.reveal());
    await vault.delete('credential:b');
    expect(await vault.get('credential:b')).toBeNull();
    expect(await vault.ids()).toEqual(['credential:a']);
    await using other = await KeychainVault.open('two', systemClock);
    expect(await other.get('credential:a')).toBeNull();
  });

  test('that is locked is an error, never "not there"', async () => {
    await using desktop = await session();
    await using vault = await KeychainVault.open('one', systemClock);
    await vault.set('credential:a', canary);
    desktop.lock();
    await expect(vault.get('credential:a')).rejects.toMatchObject({ code: 'vault-unavailable' });
    await expect(vault.get('credential:perhaps')).rejects.toMatchObject({ code: 'vault-unavailable' });
    await expect(vault.ids()).rejects.toMatchObject({ code: 'vault-unavailable' });
    await expect(KeychainVault.open('one', systemClock)).rejects.toMatchObject({
      code: 'vault-unavailable',
      remedy: expect.stringMatching(/^unlock/),
    });
  });

  test('is what auto takes, and its secrets move out of it when another vault is chosen', async () => {
    await using _ = await session();
    const home = newFolder();
    const from = { home, clock: systemClock, log: silentLog };
    {
      await using vault = await openVault({ ...from, config: { vault: 'auto', passphrase: null } });
      expect(vault).toMatchObject({ kind: 'keychain', warning: null });
      await vault.set('a', canary);
    }
    {
      await using vault = await openVault({ ...from, config: { vault: 'key-file', passphrase: null } });
      expect((await vault.get('a'))?.reveal()).toBe(canary.reveal());
    }
    await using vault = await openVault({ ...from, config: { vault: 'keychain', passphrase: null } });
    expect((await vault.get('a'))?.reveal()).toBe(canary.reveal());
  });
});

describe('without a keychain that answers', () => {
  test.skipIf(process.platform !== 'linux')(
    'a bus that accepts and says nothing is given up after 3 seconds, and the agent goes on',
    async () => {
      const socket = join(newFolder(), 'bus');
      const silent = createServer().listen(socket);
      await once(silent, 'listening');
      process.env['DBUS_SESSION_BUS_ADDRESS'] = `unix:path=${socket}`;
      try {
        let beats = 0;
        const beat = setInterval(() => (beats += 1), 100);
        await expect(KeychainVault.open('one', systemClock)).rejects.toThrow(/did not answer within 3 seconds/);
        clearInterval(beat);
        expect(beats).toBeGreaterThan(15);
      } finally {
        silent.close();
      }
    },
  );

  test.skipIf(process.platform !== 'linux')('no bus at all is an error at once', async () => {
    process.env['DBUS_SESSION_BUS_ADDRESS'] = `unix:path=${join(newFolder(), 'nothing')}`;
    await expect(KeychainVault.open('one', systemClock)).rejects.toMatchObject({ code: 'vault-unavailable' });
  });
});
