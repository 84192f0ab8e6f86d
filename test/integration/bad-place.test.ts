import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrations } from '@gitprotect/agent/db/migrations';
import { addCommits } from '../bitbucket/history.ts';
import { command, startAgent } from '../command-line.ts';
import { prepare, type Prepared } from './prepared-home.ts';
import { errorOf, expectRefusal } from './refusal.ts';

/** Folders and files that are not as they should be: named, with what puts them right, and left as they were. */
let world: Prepared;
/** A home with one backup of ORCH/core. */
let backedUp: string;
const asRoot = process.getuid?.() === 0;

beforeAll(async () => {
  world = await prepare();
  backedUp = world.home();
  await world.done(backedUp, ['run', 'nightly', '--wait']);
});
afterAll(async () => world[Symbol.asyncDispose]());

const folder = (name: string): string => join(world.root, name);

describe('a storage', () => {
  test('that is not there ends a run with 10', async () => {
    const home = world.home({ storageFolder: folder('unmounted') });
    const { exitCode, stdout } = await command(home, ['run', 'nightly', '--wait']);
    expect(exitCode).toBe(10);
    expect(stdout).toMatch(/the storage .*unmounted is not there – mount the disk or share/);
    expect(existsSync(folder('unmounted'))).toBe(false);
  });

  test('that is not there is said by status and by a restore', async () => {
    const home = world.home({ storageFolder: folder('unmounted') });
    expect((await command(home, ['status'])).stdout).toMatch(/! the storage .*unmounted is not there/);
    await expectRefusal(home, {
      args: ['restore', 'ORCH/core', '--to-folder', folder('never')],
      code: 'storage-missing',
      exitCode: 10,
      says: 'unmounted',
      remedy: 'mount the disk',
    });
  });

  test('that was used before and is empty now is an unmounted disk, and nothing is written to it', async () => {
    const home = world.home();
    rmSync(join(home, 'storage'), { recursive: true });
    mkdirSync(join(home, 'storage'));
    const { exitCode, stdout } = await command(home, ['run', 'nightly', '--wait']);
    expect(exitCode).toBe(10);
    expect(stdout).toMatch(/is not the storage used so far – mount the disk/);
    expect(readdirSync(join(home, 'storage')).filter((name) => name !== '.writing')).toEqual([]);
  });

  test('of another agent is not written to', async () => {
    const [home, other] = [world.home(), world.emptyHome()];
    await world.done(other, ['status']);
    copyFileSync(join(other, 'storage', 'gitprotect.json'), join(home, 'storage', 'gitprotect.json'));
    const { exitCode, stdout } = await command(home, ['run', 'nightly', '--wait']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/is another storage .* – mount the right disk/);
  });

  test('in a folder of other things is refused', async () => {
    const home = world.emptyHome({ storageFolder: folder('documents') });
    mkdirSync(folder('documents'));
    writeFileSync(join(folder('documents'), 'gitprotect.json'), '{"format":"theirs"}');
    const { stdout } = await command(home, ['status']);
    expect(stdout).toMatch(/! gitprotect\.json in .*documents is not one of ours/);
  });

  test.runIf(asRoot)('that is full says how much is missing, and keeps no half of a backup', async () => {
    using mounted = tmpfs(folder('full'), '64k');
    const home = world.home({ storageFolder: mounted.folder });
    rebind(home);
    await addCommits(world.repo, [
      { branch: 'large', files: { large: Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString('hex') } },
    ]);
    const { exitCode, stdout } = await command(home, ['run', 'nightly', '--wait']);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/the storage .*full is full: .* needs more than .* free – free space there/);
    expect(readdirSync(mounted.folder, { recursive: true }).filter((name) => /bundles\/.|snapshots\/./.test(String(name)))).toEqual([]);
  });

  test.runIf(asRoot)('that is read-only says so', async () => {
    using mounted = tmpfs(folder('read-only'), '1m');
    const home = world.home({ storageFolder: mounted.folder });
    rebind(home);
    await world.done(home, ['status']);
    execFileSync('mount', ['-o', 'remount,ro', mounted.folder]);
    const { exitCode, stdout } = await command(home, ['run', 'nightly', '--wait']);
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/the storage .*read-only cannot be written to: .* – mount it for writing/);
  });
});

describe('a home', () => {
  test('that cannot be written is named', async () => {
    const file = folder('a-file');
    writeFileSync(file, '');
    await expectRefusal(join(file, 'home'), { args: ['status'], code: 'config-invalid', says: 'a-file/home', remedy: 'GITPROTECT_HOME' });
  });

  test.runIf(asRoot)('of another user is named', async () => {
    const home = world.emptyHome();
    chmodSync(world.root, 0o755);
    const ended = await command(home, ['status', '--json'], { before: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] });
    expect(errorOf(ended)).toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining(home),
      remedy: expect.stringMatching(/user|write/),
    });
  });

  test('that others may read is refused', async () => {
    const home = world.home();
    chmodSync(home, 0o755);
    await expectRefusal(home, { args: ['status'], code: 'vault-insecure', says: /mode 755/, remedy: `chmod 700 '${home}'` });
  });

  test('has one agent: the second one names the first', async () => {
    const home = world.home();
    await using agent = await startAgent(home);
    await expectRefusal(home, {
      args: ['start', '--port', '0'],
      code: 'agent-running',
      says: `process ${agent.child.pid}, port ${agent.port}`,
      remedy: 'stop it first',
      // The first one looks after its storage.
      mayChange: ['meta', 'upkeep'],
    });
  });

  test('whose port is taken says what to do', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = String(typeof address === 'object' && address !== null ? address.port : 0);
    await expectRefusal(world.home(), { args: ['start', '--port', port], code: 'port-in-use', says: port, remedy: '--port N' });
    server.close();
  });
});

describe('settings', () => {
  test.each([
    ['that are no JSON', '{"port": ', /config\.json is not JSON/],
    ['of an unknown name', '{"prot": 1}', /"prot" is not a setting; there are: port/],
    ['of the wrong type', '{"port": "7717"}', /"port" must be a whole number/],
    ['of no sense', '[]', /must be an object/],
  ])('%s are named', async (_, text, says) => {
    const home = world.home();
    writeFileSync(join(home, 'config.json'), text);
    await expectRefusal(home, { args: ['status'], code: 'config-invalid', says, remedy: 'correct the' });
  });
});

describe('a database', () => {
  const remedies = { code: 'database-corrupt', says: 'gitprotect.db', remedy: 'put back a copy' } as const;

  test('of garbage is named', async () => {
    const home = world.home();
    writeFileSync(join(home, 'gitprotect.db'), 'garbage '.repeat(1000));
    await expectRefusal(home, { args: ['status'], ...remedies });
  });

  test('cut short is named', async () => {
    const home = world.home();
    truncateSync(join(home, 'gitprotect.db'), 50_000);
    await expectRefusal(home, { args: ['status'], ...remedies });
  });

  test('of a later release is left alone', async () => {
    const home = world.home();
    setVersion(home, 99);
    await expectRefusal(home, { args: ['status'], code: 'database-newer', says: 'version 99', remedy: 'newer release' });
  });

  test('of the first release is brought up to date', async () => {
    const home = world.home();
    toFirstVersion(join(home, 'gitprotect.db'));
    using db = new DatabaseSync(join(home, 'gitprotect.db'));
    expect(await world.done(home, ['plan', 'list'])).toMatchObject([{ name: 'nightly' }]);
    expect(db.prepare('select count(*) as n from sightings').get()).toEqual({ n: 0 });
  });

  test('that is gone is made again from storage', async () => {
    const home = folder('moved-away');
    execFileSync('cp', ['-a', backedUp, home]);
    for (const name of readdirSync(home).filter((one) => one.startsWith('gitprotect.db')))
      renameSync(join(home, name), folder(`old-${name}`));
    expect(await world.done(home, ['catalogue', 'rebuild'])).toMatchObject({ snapshots: 1, repos: 1, damaged: [] });
  });
});

describe('a restore', () => {
  test('does not touch a folder that holds something', async () => {
    mkdirSync(folder('theirs'));
    writeFileSync(join(folder('theirs'), 'file'), 'theirs');
    const args = ['restore', 'ORCH/core', '--to-folder', folder('theirs')];
    await expectRefusal(backedUp, { args, code: 'folder-not-empty', says: 'theirs', remedy: 'new folder' });
    expect(readdirSync(folder('theirs'))).toEqual(['file']);
  });

  test.each([
    ['of a snapshot that is not there', ['--snapshot', '99'], /00000099 of ORCH\/core/],
    ['of a time before the first', ['--at', '2001-01-01'], /2001-01-01/],
  ])('%s makes nothing', async (_, which, says) => {
    const args = ['restore', 'ORCH/core', ...which, '--to-folder', folder('nothing')];
    await expectRefusal(backedUp, { args, code: 'not-found', says, remedy: /snapshots/ });
    expect(existsSync(folder('nothing'))).toBe(false);
  });

  test('to where nobody may write is named', async () => {
    const args = ['restore', 'ORCH/core', '--to-folder', '/proc/restored'];
    await expectRefusal(backedUp, { args, code: 'not-allowed', says: '/proc/restored', remedy: 'choose a folder' });
  });
});

/** A disk of its own in memory. */
function tmpfs(at: string, size: string): Disposable & { folder: string } {
  mkdirSync(at);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', at]);
  return { folder: at, [Symbol.dispose]: () => execFileSync('umount', [at]) };
}

/** Makes a home forget the storage it used. */
function rebind(home: string): void {
  using db = new DatabaseSync(join(home, 'gitprotect.db'));
  db.exec(`delete from meta where name = 'storage_id'`);
}

/** Puts what the database holds into one as the first release made it. */
function toFirstVersion(file: string): void {
  const first = `${file}.first`;
  {
    using db = new DatabaseSync(first);
    for (const statement of migrations[0] ?? []) db.exec(statement);
    db.exec(`attach '${file}' as now`);
    const names = (sql: string, ...given: string[]) =>
      db
        .prepare(sql)
        .all(...given)
        .map(({ name }) => String(name));
    for (const table of names(`select name from main.sqlite_schema where type = 'table'`)) {
      const columns = names(`select name from pragma_table_info(?, 'main')`, table).map((name) => `"${name}"`);
      db.exec(`insert into main.${table} (${columns.join(', ')}) select ${columns.join(', ')} from now.${table}`);
    }
    db.exec('pragma user_version = 1');
  }
  for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true });
  renameSync(first, file);
}

function setVersion(home: string, version: number): void {
  using db = new DatabaseSync(join(home, 'gitprotect.db'));
  db.exec(`pragma user_version = ${version}`);
}
