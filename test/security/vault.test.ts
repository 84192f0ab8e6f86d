import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyringSession, withKeyring } from '@gitprotect/agent/vault/keyring-session';
import { command, startAgent } from '../command-line.ts';
import { prepare, type Prepared } from '../integration/prepared-home.ts';
import { expectRefusal } from '../integration/refusal.ts';

/** The vault as an operator meets it: locked, without its keychain, or open to others. */
let world: Prepared;
beforeAll(async () => (world = await prepare()));
afterAll(async () => world[Symbol.asyncDispose]());

const addProject = (home: string, env: Record<string, string>) =>
  world.done(home, ['project', 'add', `${world.bitbucket.url}/projects/ORCH`], { env });
const addToken = { args: ['credential', 'add', '--token-stdin'] };
const withToken = (env: Record<string, string> = {}) => ({ input: world.token.secret, env });

describe('a vault with a passphrase', () => {
  let home: string;
  const right = { GITPROTECT_PASSPHRASE: 'correct horse battery' };
  beforeAll(async () => {
    home = world.emptyHome({ vault: 'sealed-file' });
    await addProject(home, right);
    await world.done(home, addToken.args, withToken(right));
    await world.done(home, ['plan', 'add', 'nightly', '--project', 'ORCH', '--manual'], { env: right });
  });

  test('that is not given ends a run with 11, and says how to give it', async () => {
    const { exitCode, stdout } = await command(home, ['run', 'nightly', '--wait']);
    expect(exitCode).toBe(11);
    expect(stdout).toMatch(/! the vault .*is locked – .*(?:passphrase)/);
  });

  test('that is wrong ends with 12 and changes nothing', async () => {
    await expectRefusal(home, {
      args: ['status'],
      options: { env: { GITPROTECT_PASSPHRASE: 'wrong horse battery' } },
      code: 'vault-passphrase',
      exitCode: 12,
      says: 'vault.sealed',
      remedy: 'passphrase the vault was made with',
    });
  });

  test('that is too short for a new vault is refused', async () => {
    const env = { GITPROTECT_PASSPHRASE: 'short' };
    const refusal = { code: 'vault-passphrase', exitCode: 12, says: 'too short', remedy: '8 characters' } as const;
    await expectRefusal(world.emptyHome({ vault: 'sealed-file' }), { args: ['status'], options: { env }, ...refusal });
  });

  test('in a file that others may read is refused, with the command that puts it right', async () => {
    const file = join(world.root, 'passphrase');
    writeFileSync(file, right.GITPROTECT_PASSPHRASE);
    chmodSync(file, 0o644);
    const env = { GITPROTECT_PASSPHRASE_FILE: file };
    await expectRefusal(home, {
      args: ['status'],
      options: { env },
      code: 'vault-insecure',
      says: /passphrase .*644/,
      remedy: 'chmod 600',
    });
    const missing = { GITPROTECT_PASSPHRASE_FILE: join(world.root, 'nowhere') };
    await expectRefusal(home, { args: ['status'], options: { env: missing }, code: 'config-invalid', says: 'nowhere', remedy: 'exists' });
  });

  test('of a running agent is given later: wrong, then right, and then it works', async () => {
    await using agent = await startAgent(home);
    expect(agent.stdout()).toMatch(/vault +sealed-file \(locked\)[\s\S]*vault unlock/);
    const unlock = (input: string) => ({ args: ['vault', 'unlock'], options: { input } });
    await expectRefusal(home, {
      ...addToken,
      options: withToken(),
      code: 'vault-locked',
      exitCode: 11,
      says: 'locked',
      remedy: 'vault unlock',
    });
    await expectRefusal(home, {
      ...unlock('wrong horse'),
      code: 'vault-passphrase',
      exitCode: 12,
      says: 'does not open',
      remedy: 'made with',
    });
    expect(await world.done(home, ['vault', 'unlock'], { input: right.GITPROTECT_PASSPHRASE })).toEqual({ locked: false });
    expect(await world.done(home, ['run', 'nightly', '--wait'])).toMatchObject({ state: 'succeeded' });
  });
});

describe('a keychain', () => {
  const noBus = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' };

  test('that is not there is done without, and the first status says what that means', async () => {
    const home = world.emptyHome({ vault: 'auto' });
    const { stdout, exitCode } = await command(home, ['status'], { env: noBus });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/vault +key-file\n[\s\S]*! the key lies beside the secrets: .*passphrase/);
  });

  test('that is not there, and was asked for, is an error', async () => {
    const home = world.emptyHome({ vault: 'keychain' });
    const refusal = { code: 'vault-unavailable', says: 'keychain of this system', remedy: 'gnome-keyring' } as const;
    await expectRefusal(home, { args: ['status'], options: { env: noBus }, ...refusal });
  });

  test('that says nothing is given up after three seconds', async () => {
    const socket = join(world.root, 'silent-bus');
    const silent = createServer().listen(socket);
    const home = world.emptyHome({ vault: 'keychain' });
    const env = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` };
    await expectRefusal(home, {
      args: ['status'],
      options: { env },
      code: 'vault-unavailable',
      says: 'within 3 seconds',
      remedy: 'unlock',
    });
    silent.close();
  });

  test.runIf(withKeyring)('that is locked later is never taken for an empty one', async () => {
    await using desktop = await keyringSession();
    const env = { DBUS_SESSION_BUS_ADDRESS: desktop.address };
    const home = world.emptyHome({ vault: 'auto' });
    await addProject(home, env);
    await world.done(home, addToken.args, withToken(env));
    expect(await world.done(home, ['status'], { env })).toMatchObject({ vault: { kind: 'keychain', warning: null } });
    desktop.lock();
    await expectRefusal(home, { args: ['status'], options: { env }, code: 'vault-unavailable', says: 'keychain', remedy: 'unlock' });
  });
});

test('with umask 000 every file and folder of a home is for its owner alone', async () => {
  const home = join(world.root, 'open-umask');
  const before = ['sh', '-c', 'umask 000; exec "$@"', 'sh'];
  const env = { GITPROTECT_VAULT: 'key-file' };
  await world.done(home, ['project', 'add', `${world.bitbucket.url}/projects/ORCH`], { before, env });
  await world.done(home, addToken.args, { before, ...withToken(env) });
  await world.done(home, ['plan', 'add', 'nightly', '--project', 'ORCH', '--manual'], { before, env });
  await world.done(home, ['run', 'nightly', '--wait'], { before, env });
  await world.done(home, ['restore', 'ORCH/core', '--to-folder', join(home, 'restored')], { before, env });
  await using agent = await startAgent(home, [], { before, env });
  expect(agent.port).toBeGreaterThan(0);
  const open = [home, ...readdirSync(home, { recursive: true }).map((name) => join(home, String(name)))]
    .map((path) => ({ path: relative(home, path), mode: statSync(path).mode & 0o777 }))
    // Whoever restores decides who may read the result: its folder is closed, which is enough.
    .filter(({ path, mode }) => (mode & 0o077) !== 0 && !path.startsWith('restored/'));
  expect(open).toEqual([]);
});
