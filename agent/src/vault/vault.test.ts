import { existsSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { Secret } from '../lib/secret.ts';
import type { VaultChoice } from './vault.ts';
import { openVault } from './vault.ts';

const newHome = () => mkdtempSync(join(tmpdir(), 'gitprotect-vault-'));
const canary = new Secret('CANARY-vault-4711');
const passphrase = new Secret('correct horse battery');

const open = (home: string, vault: VaultChoice['vault'], given: Secret | null = null) =>
  openVault({ home, config: { vault, passphrase: given }, clock: systemClock, log: silentLog });

/** No session bus: neither an address nor the usual socket. */
const bus = process.env['DBUS_SESSION_BUS_ADDRESS'];
beforeEach(() => {
  process.env['DBUS_SESSION_BUS_ADDRESS'] = `unix:path=${join(tmpdir(), 'there-is-no-bus-here')}`;
});
afterEach(() => {
  if (bus === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS'];
  else process.env['DBUS_SESSION_BUS_ADDRESS'] = bus;
});

describe('choosing a vault, without a keychain', () => {
  test('auto takes a key file, and says in words that it is not safe', async () => {
    const home = newHome();
    {
      await using vault = await open(home, 'auto');
      expect(vault.kind).toBe('key-file');
      expect(vault.warning).toMatch(/lies beside the secrets.*restart/);
      await vault.set('credential:a', canary);
    }
    await using again = await open(home, 'auto');
    expect((await again.get('credential:a'))?.reveal()).toBe(canary.reveal());
    for (const file of readdirSync(home)) expect(readFileSync(join(home, file), 'utf8')).not.toContain(canary.reveal());
  });

  test('auto takes a sealed file when there is a passphrase', async () => {
    await using vault = await open(newHome(), 'auto', passphrase);
    expect(vault).toMatchObject({ kind: 'sealed-file', warning: null, locked: false });
  });

  test('a chosen keychain that is not there is an error with a remedy, and leaves nothing behind', async () => {
    const home = newHome();
    await expect(open(home, 'keychain')).rejects.toMatchObject({
      code: 'vault-unavailable',
      remedy: expect.stringContaining('Secret Service'),
    });
    expect(readdirSync(home)).toEqual([]);
  });

  test('a remembered keychain that is not reachable is an error, never another vault', async () => {
    const home = newHome();
    writeFileSync(join(home, 'vault.json'), JSON.stringify({ kind: 'keychain', id: 'abc' }));
    await expect(open(home, 'auto')).rejects.toMatchObject({ code: 'vault-unavailable' });
    await expect(open(home, 'key-file')).rejects.toMatchObject({ code: 'vault-unavailable' });
    expect(readdirSync(home)).toEqual(['vault.json']);
  });

  test('an unreadable memory is an error, not a new vault', async () => {
    const home = newHome();
    writeFileSync(join(home, 'vault.json'), '{"kind":"shoebox"}');
    await expect(open(home, 'auto')).rejects.toMatchObject({ code: 'vault-damaged', message: expect.stringContaining('vault.json') });
  });

  test('giving a passphrase later moves the secrets out of the key file and removes the key', async () => {
    const home = newHome();
    {
      await using vault = await open(home, 'auto');
      await vault.set('a', canary);
    }
    {
      await using vault = await open(home, 'auto', passphrase);
      expect(vault.kind).toBe('sealed-file');
    }
    expect(readdirSync(home).toSorted()).toEqual(['vault.json', 'vault.sealed']);
    await using again = await open(home, 'auto', passphrase);
    expect((await again.get('a'))?.reveal()).toBe(canary.reveal());
  });

  test('what a move left behind that was cut short is removed at the next start', async () => {
    const home = newHome();
    {
      await using vault = await open(home, 'key-file');
      await vault.set('a', canary);
    }
    const leftOver = ['vault.key', 'vault-key-file.sealed'].map((name) => [join(home, name), readFileSync(join(home, name))] as const);
    await (await open(home, 'sealed-file', passphrase))[Symbol.asyncDispose]();
    for (const [file, content] of leftOver) writeFileSync(file, content, { mode: 0o600 });
    await using vault = await open(home, 'auto', passphrase);
    expect((await vault.get('a'))?.reveal()).toBe(canary.reveal());
    expect(readdirSync(home).toSorted()).toEqual(['vault.json', 'vault.sealed']);
  });

  test('a move whose target is locked changes nothing', async () => {
    const home = newHome();
    {
      await using vault = await open(home, 'key-file');
      await vault.set('a', canary);
    }
    await expect(open(home, 'sealed-file')).rejects.toMatchObject({ code: 'vault-locked' });
    await using vault = await open(home, 'auto');
    expect(vault.kind).toBe('key-file');
    expect((await vault.get('a'))?.reveal()).toBe(canary.reveal());
  });

  test('a vault without a passphrase opens locked, and unlocks', async () => {
    const home = newHome();
    {
      await using vault = await open(home, 'sealed-file', passphrase);
      await vault.set('a', canary);
    }
    await using vault = await open(home, 'auto');
    expect(vault).toMatchObject({ kind: 'sealed-file', locked: true });
    await expect(vault.get('a')).rejects.toMatchObject({ code: 'vault-locked' });
    await vault.unlock(passphrase);
    expect(vault.locked).toBe(false);
    expect((await vault.get('a'))?.reveal()).toBe(canary.reveal());
  });

  test.skipIf(process.platform === 'win32')('every file is its owner’s only, even under umask 000', async () => {
    const home = newHome();
    const before = process.umask(0);
    try {
      await using vault = await open(home, 'auto');
      await vault.set('a', canary);
    } finally {
      process.umask(before);
    }
    for (const file of readdirSync(home)) expect([file, statSync(join(home, file)).mode & 0o777]).toEqual([file, 0o600]);
    expect(existsSync(join(home, 'vault.key'))).toBe(true);
  });
});
