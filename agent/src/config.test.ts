import { chmodSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { chromeExtensionId } from '@gitprotect/shared/extension-id';
import { describe, expect, test } from 'vitest';
import { loadConfig, readEnvironment } from './config.ts';
import { ensureHome } from './home.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'gitprotect-config-'));
const load = (home: string, env: NodeJS.ProcessEnv = {}, options: Record<string, unknown> = {}) =>
  loadConfig(readEnvironment({ GITPROTECT_HOME: home, ...env }), options);

/** A home whose `config.json` holds `content`. */
function homeWith(content: unknown): string {
  const home = newFolder();
  writeFileSync(join(home, 'config.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return home;
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** A file that holds a secret. */
const secretFile = (text: string, mode = 0o600): string => {
  const file = join(newFolder(), 'gitprotect-passphrase');
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
  return file;
};

describe('where the home is', () => {
  test.each([
    [{ XDG_DATA_HOME: '/d', HOME: '/u' }, 'linux', '/d/gitprotect'],
    [{ HOME: '/u' }, 'linux', '/u/.local/share/gitprotect'],
    [{ HOME: '/u', XDG_DATA_HOME: '' }, 'linux', '/u/.local/share/gitprotect'],
    [{ HOME: '/u' }, 'darwin', '/u/Library/Application Support/GitProtect'],
    [{ HOME: '/u', LOCALAPPDATA: '/l' }, 'win32', '/l/GitProtect'],
    [{ HOME: '/u', GITPROTECT_HOME: '/g' }, 'linux', '/g'],
  ] as const)('%j on %s: %s', (env, platform, home) => {
    expect(readEnvironment(env, platform).home).toBe(home);
  });
});

describe('the configuration', () => {
  test('has defaults for everything, without any file', async () => {
    const home = newFolder();
    const { config, secrets } = await load(home);
    expect(config).toEqual({
      home,
      port: 7717,
      storageFolder: join(home, 'storage'),
      vault: 'auto',
      logLevel: 'info',
      extensionIds: [chromeExtensionId],
      machine: {},
      politeness: { fetches: 4, requests: 8 },
      drillDays: 7,
      verifyDays: 7,
      prune: { graceDays: 7 },
      timeouts: { connect: 10, headers: 300, stall: 120 },
    });
    expect(secrets).toEqual({ passphrase: null });
    expect(readdirSync(home)).toEqual([]);
  });

  test('takes the command line before the environment before the file', async () => {
    const home = homeWith({ port: 1, logLevel: 'debug', storageFolder: 'backups', politeness: { fetches: 2 } });
    expect((await load(home)).config).toMatchObject({
      port: 1,
      logLevel: 'debug',
      storageFolder: join(home, 'backups'),
      politeness: { fetches: 2, requests: 8 },
    });
    expect((await load(home, { GITPROTECT_PORT: '2' })).config.port).toBe(2);
    expect((await load(home, { GITPROTECT_PORT: '2' }, { port: 3, vault: undefined })).config.port).toBe(3);
  });

  test('lets a development extension in beside ours', async () => {
    const id = 'abcdefghijklmnopabcdefghijklmnop';
    expect((await load(newFolder(), { GITPROTECT_EXTENSION_ID: id })).config.extensionIds).toEqual([chromeExtensionId, id]);
  });

  test.each([
    ['{"port": 77', /config\.json is not JSON/],
    ['[]', /config\.json: the file must be an object/],
    [{ port: '7717' }, /config\.json: "port" must be a whole number of a port.*65535/],
    [{ port: 70000 }, /"port" must be/],
    [{ prot: 1 }, /"prot" is not a setting; there are: port, storageFolder/],
    [{ politeness: { fetch: 1 } }, /"politeness\.fetch" is not a setting; there are: fetches, requests/],
    [{ timeouts: { stall: 0 } }, /"timeouts\.stall" must be a whole number of seconds, from 1 to 3600/],
    [{ vault: 'shoebox' }, /"vault" must be one of: auto, keychain, sealed-file, key-file/],
    [{ logLevel: null, storageFolder: '' }, /"storageFolder" must be a path; .*"logLevel" must be one of: /],
    [{ extensionIds: ['xyz'] }, /"extensionIds\.0" must be a Chrome extension id/],
  ])('refuses %j, naming file, setting and what is allowed, and changes nothing', async (content, message) => {
    const home = homeWith(content);
    const before = readFileSync(join(home, 'config.json'), 'utf8');
    await expect(load(home)).rejects.toMatchObject({ code: 'config-invalid', message: expect.stringMatching(message) });
    expect(readdirSync(home)).toEqual(['config.json']);
    expect(readFileSync(join(home, 'config.json'), 'utf8')).toBe(before);
  });

  test('names the variable or the option that is wrong', async () => {
    await expect(load(newFolder(), { GITPROTECT_PORT: 'x' })).rejects.toThrow(/^environment variable GITPROTECT_PORT must be/);
    await expect(load(newFolder(), {}, { storageFolder: 1 })).rejects.toThrow(/^option --storage-folder must be a path/);
    await expect(load(newFolder(), { GITPROTECT_EXTENSION_ID: 'x' })).rejects.toThrow(/GITPROTECT_EXTENSION_ID must be a Chrome/);
  });

  test('keeps secrets out of what is printed and out of messages', async () => {
    const loaded = await load(newFolder(), { GITPROTECT_PASSPHRASE: 'CANARY-1' });
    expect(inspect(loaded, { depth: 9 }) + JSON.stringify(loaded)).not.toContain('CANARY');
    expect(loaded.secrets.passphrase?.reveal()).toBe('CANARY-1');
  });
});

describe('the passphrase', () => {
  test('comes from a file, without its line end', async () => {
    const { secrets } = await load(newFolder(), { GITPROTECT_PASSPHRASE_FILE: secretFile(' two words \n') });
    expect(secrets.passphrase?.reveal()).toBe(' two words ');
  });

  test('comes from systemd, when it has one', async () => {
    const folder = join(secretFile('of systemd\n', 0o440), '..');
    expect((await load(newFolder(), { CREDENTIALS_DIRECTORY: folder })).secrets.passphrase?.reveal()).toBe('of systemd');
    expect((await load(newFolder(), { CREDENTIALS_DIRECTORY: newFolder() })).secrets.passphrase).toBeNull();
  });

  test('of the command line goes before the one of the environment', async () => {
    const { secrets } = await load(newFolder(), { GITPROTECT_PASSPHRASE: 'env' }, { passphraseFile: secretFile('option') });
    expect(secrets.passphrase?.reveal()).toBe('option');
  });

  test.skipIf(process.platform === 'win32')('in a file others can read is refused, with the cure', async () => {
    const file = secretFile('x', 0o640);
    await expect(load(newFolder(), {}, { passphraseFile: file })).rejects.toMatchObject({
      code: 'vault-insecure',
      remedy: `run: chmod 600 '${file}'`,
    });
  });

  test('in a file that is not there is an error that names it', async () => {
    await expect(load(newFolder(), {}, { passphraseFile: '/nowhere/p' })).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('/nowhere/p'),
    });
  });
});

describe.skipIf(process.platform === 'win32')('the home', () => {
  test('is made for its owner only, even under umask 000', async () => {
    const home = join(newFolder(), 'a', 'home');
    const before = process.umask(0);
    try {
      await ensureHome(home);
    } finally {
      process.umask(before);
    }
    expect(modeOf(home)).toBe('700');
  });

  test('that is empty becomes private; one with content is refused with the cure, untouched', async () => {
    const home = newFolder();
    chmodSync(home, 0o755);
    await ensureHome(home);
    expect(modeOf(home)).toBe('700');
    writeFileSync(join(home, 'config.json'), '{}');
    chmodSync(home, 0o755);
    await expect(ensureHome(home)).rejects.toMatchObject({ code: 'vault-insecure', remedy: `run: chmod 700 '${home}'` });
    expect(modeOf(home)).toBe('755');
  });

  test('that cannot be made is an error that names it', async () => {
    const home = join(homeWith('{}'), 'config.json', 'home');
    await expect(ensureHome(home)).rejects.toMatchObject({ code: 'config-invalid', message: expect.stringContaining(home) });
  });
});
