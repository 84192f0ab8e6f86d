import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { KeyFileVault } from './key-file.ts';
import { SealedFile } from './sealed-file.ts';

const newHome = () => mkdtempSync(join(tmpdir(), 'gitprotect-sealed-'));
const passphrase = new Secret('correct horse battery');
const fileIn = (home: string) => join(home, 'vault.sealed');

async function sealed(home: string, secret = passphrase): Promise<SealedFile> {
  const vault = new SealedFile(fileIn(home));
  await vault.unlock(secret);
  return vault;
}

/** A home with a vault of one entry, `a`. */
async function filled(): Promise<string> {
  const home = newHome();
  await using vault = await sealed(home);
  await vault.set('a', new Secret('CANARY-a'));
  return home;
}

describe('a sealed file', () => {
  test('keeps, replaces and deletes secrets, of any text', async () => {
    await using vault = await KeyFileVault.open(newHome());
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        await vault.set('credential:x', new Secret(text));
        expect((await vault.get('credential:x'))?.reveal()).toBe(text);
      }),
      { numRuns: 20 },
    );
    await vault.delete('credential:x');
    await vault.delete('credential:x');
    expect(await vault.get('credential:x')).toBeNull();
    expect(await vault.ids()).toEqual([]);
  });

  test('loses nothing to a passphrase that is checked while something is stored', async () => {
    const home = await filled();
    {
      await using vault = await sealed(home);
      const checked = vault.unlock(passphrase);
      await vault.set('b', new Secret('CANARY-b'));
      await checked;
      await vault.set('c', new Secret('CANARY-c'));
    }
    await using again = await sealed(home);
    expect((await again.ids()).toSorted()).toEqual(['a', 'b', 'c']);
  });

  test('keeps all of many changes made at once', async () => {
    const home = newHome();
    const ids = Array.from({ length: 20 }, (_, index) => `credential:${index}`);
    {
      await using vault = await KeyFileVault.open(home);
      await Promise.all(ids.map((id) => vault.set(id, new Secret(id))));
    }
    await using again = await KeyFileVault.open(home);
    for (const id of ids) expect((await again.get(id))?.reveal()).toBe(id);
  });

  test('refuses an id that could break out of its line', async () => {
    await using vault = await KeyFileVault.open(newHome());
    for (const id of ['', 'a b', 'a\nb', '../x']) await expect(async () => vault.set(id, new Secret('x'))).rejects.toThrow(/not an id/);
  });

  test('with a wrong passphrase stays locked and as it was', async () => {
    const home = await filled();
    const before = readFileSync(fileIn(home));
    const vault = new SealedFile(fileIn(home));
    await expect(vault.unlock(new Secret('wrong horse battery'))).rejects.toMatchObject({ code: 'vault-passphrase' });
    expect(vault.locked).toBe(true);
    await expect(vault.set('a', new Secret('x'))).rejects.toMatchObject({ code: 'vault-locked' });
    expect(readFileSync(fileIn(home)).equals(before)).toBe(true);
    expect(readdirSync(home)).toEqual(['vault.sealed']);
  });

  test('is not made for a passphrase that is too short', async () => {
    const home = newHome();
    await expect(sealed(home, new Secret('short'))).rejects.toMatchObject({ code: 'vault-passphrase' });
    expect(readdirSync(home)).toEqual([]);
  });

  test('is sealed anew under a new passphrase: the old one no longer opens it, and nothing of the old text is left', async () => {
    const home = await filled();
    const before = readFileSync(fileIn(home), 'utf8').split('\n');
    const next = new Secret('another horse battery');
    {
      await using vault = await sealed(home);
      await vault.changePassphrase(next);
      expect((await vault.get('a'))?.reveal()).toBe('CANARY-a');
    }
    const after = readFileSync(fileIn(home), 'utf8').split('\n');
    expect(after.filter((line) => before.includes(line))).toEqual(['gitprotect-vault 1', '']);
    await expect(sealed(home)).rejects.toMatchObject({ code: 'vault-passphrase' });
    await using again = await sealed(home, next);
    expect((await again.get('a'))?.reveal()).toBe('CANARY-a');
  });

  test('with any byte changed, removed or added is refused as a whole', async () => {
    const home = newHome();
    {
      await using vault = await KeyFileVault.open(home);
      await vault.set('a', new Secret('CANARY-a'));
      await vault.set('b', new Secret('CANARY-b'));
    }
    const file = join(home, 'vault-key-file.sealed');
    const whole = readFileSync(file);
    const place = fc.nat({ max: whole.length - 1 });
    const change = fc.oneof(
      fc
        .tuple(place, fc.integer({ min: 1, max: 255 }))
        .map(([at, mask]) => whole.map((byte, index) => (index === at ? byte ^ mask : byte))),
      place.map((end) => whole.subarray(0, end)),
      fc
        .tuple(place, fc.nat({ max: 255 }))
        .map(([at, byte]) => Buffer.concat([whole.subarray(0, at), Buffer.of(byte), whole.subarray(at)])),
    );
    await fc.assert(
      fc.asyncProperty(change, async (bytes) => {
        fc.pre(!whole.equals(bytes));
        writeFileSync(file, bytes);
        await expect(KeyFileVault.open(home)).rejects.toMatchObject({ code: 'vault-damaged' });
      }),
      { numRuns: 500 },
    );
    writeFileSync(file, whole);
    await using vault = await KeyFileVault.open(home);
    expect(await vault.ids()).toEqual(['a', 'b']);
  });

  test('whose header asks for a weak key or for all memory is refused before a key is made', async () => {
    const home = await filled();
    const text = readFileSync(fileIn(home), 'utf8');
    for (const N of [2, 2 ** 14, 2 ** 30, '"131072"']) {
      writeFileSync(fileIn(home), text.replace('131072', String(N)));
      await expect(sealed(home)).rejects.toMatchObject({ code: 'vault-damaged' });
    }
  });

  test('ignores what a writer that was killed before its rename left behind', async () => {
    const home = await filled();
    writeFileSync(`${fileIn(home)}.tmp`, 'half a fi', { mode: 0o666 });
    await using vault = await sealed(home);
    expect((await vault.get('a'))?.reveal()).toBe('CANARY-a');
    await vault.set('b', new Secret('CANARY-b'));
    expect(readdirSync(home)).toEqual(['vault.sealed']);
  });

  test('survives its writer being killed at any moment', async () => {
    const home = newHome();
    const script = join(home, 'writer.ts');
    const module = fileURLToPath(new URL('key-file.ts', import.meta.url));
    const secret = fileURLToPath(new URL('../lib/secret.ts', import.meta.url));
    writeFileSync(
      script,
      `import { KeyFileVault } from ${JSON.stringify(module)};
       import { Secret } from ${JSON.stringify(secret)};
       const vault = await KeyFileVault.open(${JSON.stringify(home)});
       for (let n = 1; ; n += 1) { await vault.set('n', new Secret(String(n))); process.send(n); }`,
    );
    for (let round = 0; round < 4; round += 1) {
      const writer = fork(script, { execArgv: [] });
      let told = 0;
      writer.on('message', (n) => {
        told = Number(n);
        if (told === 5 + round * 7) writer.kill('SIGKILL');
      });
      await once(writer, 'exit');
      await using vault = await KeyFileVault.open(home);
      expect(Number((await vault.get('n'))?.reveal())).toBeGreaterThanOrEqual(told);
    }
  });

  test('that cannot be written says so, and keeps in memory what is on disk', async () => {
    const home = await filled();
    await using vault = await sealed(home);
    rmSync(home, { recursive: true });
    await expect(vault.set('a', new Secret('new'))).rejects.toMatchObject({ code: 'vault-unavailable' });
    expect((await vault.get('a'))?.reveal()).toBe('CANARY-a');
  });

  test.skipIf(process.platform === 'win32')('that others can read is refused, with the cure', async () => {
    const home = await filled();
    chmodSync(fileIn(home), 0o604);
    await expect(sealed(home)).rejects.toMatchObject({ code: 'vault-insecure', remedy: `run: chmod 600 '${fileIn(home)}'` });
    chmodSync(fileIn(home), 0o600);
    chmodSync(home, 0o750);
    await expect(sealed(home)).rejects.toMatchObject({ code: 'vault-insecure', remedy: `run: chmod 700 '${home}'` });
  });

  test('whose key file is gone says what that means', async () => {
    const home = newHome();
    await (await KeyFileVault.open(home))[Symbol.asyncDispose]();
    rmSync(join(home, 'vault.key'));
    await expect(KeyFileVault.open(home)).rejects.toMatchObject({
      code: 'vault-unavailable',
      remedy: expect.stringContaining('put the file back'),
    });
  });
});
