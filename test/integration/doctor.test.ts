import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Finding } from '@gitprotect/shared/finding';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command, startAgent } from '../command-line.ts';
import { Simulator } from '../bitbucket/simulator.ts';
import { selfSigned } from '../certificate.ts';
import { prepare, type Prepared } from './prepared-home.ts';

/** `doctor` as an operator calls it. */
describe('doctor', () => {
  let world: Prepared;
  beforeAll(async () => (world = await prepare()));
  afterAll(async () => world[Symbol.asyncDispose]());

  const examine = async (home: string, env: Record<string, string> = {}): Promise<{ exitCode: number | null; findings: Finding[] }> => {
    const { exitCode, stdout } = await command(home, ['doctor', '--json'], { env });
    return { exitCode, findings: JSON.parse(stdout) as Finding[] };
  };
  const problems = (findings: readonly Finding[]) => findings.filter(({ state }) => state === 'problem').map(({ message }) => message);
  const backedUp = async (): Promise<string> => {
    const home = world.home({ port: 0 });
    await world.done(home, ['run', 'nightly', '--wait']);
    return home;
  };

  test('finds everything in order after a backup, without an agent and with one, and leaves nothing behind', async () => {
    const home = await backedUp();
    const before = readdirSync(join(home, 'storage')).toSorted();
    const alone = await examine(home);
    expect({ exitCode: alone.exitCode, problems: problems(alone.findings) }).toEqual({ exitCode: 0, problems: [] });
    expect(new Set(alone.findings.map(({ area }) => area))).toEqual(
      new Set(['machine', 'clock', 'home', 'database', 'vault', 'agent', 'storage', 'server', 'credential', 'project', 'plan', 'upkeep']),
    );
    expect(alone.findings.find(({ area }) => area === 'agent')).toMatchObject({ state: 'warning' });
    await using agent = await startAgent(home);
    const { exitCode, findings } = await examine(home);
    expect(exitCode).toBe(0);
    expect(findings.find(({ area }) => area === 'agent')?.message).toContain(`listens on 127.0.0.1:${agent.port}`);
    expect(readdirSync(join(home, 'storage')).toSorted()).toEqual(before);
  });

  test('speaks to people in one line for each finding, with the remedy below', async () => {
    const { stdout } = await command(world.home({ port: 0 }), ['doctor']);
    expect(stdout).toMatch(/warning +agent +no agent runs: .*\n +→ gitprotect-agent start/);
    expect(stdout).toMatch(/0 problems, \d+ warnings, \d+ ok\n$/);
  });

  test('finds snapshots that were taken out of storage', async () => {
    const home = await backedUp();
    const servers = join(home, 'storage/servers');
    rmSync(join(servers, readdirSync(servers)[0] ?? ''), { recursive: true });
    const { exitCode, findings } = await examine(home);
    expect(exitCode).toBe(1);
    expect(problems(findings)).toEqual([expect.stringMatching(/^1 snapshot of 1 listed snapshot is not in storage/)]);
  });

  test('finds a storage that another agent has written, with keys this one has not', async () => {
    const storageFolder = join(await backedUp(), 'storage');
    const { exitCode, findings } = await examine(world.emptyHome({ port: 0, storageFolder }));
    expect(exitCode).toBe(1);
    expect(problems(findings)).toEqual([expect.stringMatching(/sealed with another key/)]);
  });

  test('finds snapshots that a new database does not know, and what brings them back does', async () => {
    const home = await backedUp();
    for (const name of readdirSync(home)) if (name.startsWith('gitprotect.db')) rmSync(join(home, name));
    const storage = (findings: readonly Finding[]) => findings.filter(({ area, state }) => area === 'storage' && state !== 'ok');
    expect(storage((await examine(home)).findings)).toMatchObject([{ state: 'warning', remedy: 'gitprotect-agent catalogue rebuild' }]);
    await world.done(home, ['catalogue', 'rebuild']);
    expect(storage((await examine(home)).findings)).toEqual([]);
  });

  test('finds a credential that Bitbucket has rejected', async () => {
    const home = world.home({ port: 0 });
    const { state } = world.bitbucket;
    const token = state.addToken({ user: world.jane, name: 'gone', permissions: ['PROJECT_READ'] });
    const added = (await world.done(home, ['credential', 'add', '--token-stdin'], { input: token.secret })) as {
      credential: { id: string };
    };
    state.revokeToken(token);
    await command(home, ['credential', 'test', added.credential.id]);
    const { exitCode, findings } = await examine(home);
    expect(exitCode).toBe(1);
    expect(findings.find(({ state, area }) => state === 'problem' && area === 'credential')?.remedy).toContain(added.credential.id);
  });

  test('finds a storage that is gone, and a port that is taken', async () => {
    await using taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const { exitCode, findings } = await examine(world.home({ port, storageFolder: '/nowhere/at-all' }));
    expect(exitCode).toBe(1);
    expect(problems(findings)).toEqual([`port ${port} is taken by another program`, expect.stringContaining('/nowhere/at-all')]);
  });

  test('finds a server that something else answers for', async () => {
    const home = world.home({ port: 0 });
    const fault = world.bitbucket.faults.add({ kind: 'login-page' });
    const { exitCode, findings } = await examine(home);
    fault.remove();
    expect(exitCode).toBe(1);
    expect(findings.find(({ area }) => area === 'server')).toMatchObject({ state: 'problem' });
  });

  test('sees when the certificate of a server ends, and that one server is gone', async () => {
    const https = selfSigned();
    const home = world.emptyHome({ port: 0 });
    const ca = join(world.root, 'ca.pem');
    writeFileSync(ca, https.cert);
    const server = async () => (await examine(home)).findings.find(({ area }) => area === 'server');
    {
      await using secure = await Simulator.start({ https });
      await world.done(home, ['server', 'add', secure.url, '--ca', ca]);
      expect(await server()).toMatchObject({
        state: 'warning',
        message: expect.stringMatching(/answers .*its certificate ends in (48 h|2 days|47 h)/),
      });
    }
    expect(await server()).toMatchObject({ state: 'problem' });
  });

  test('says what it can where the vault is locked', async () => {
    const home = world.home({ port: 0, vault: 'sealed-file' });
    await world.done(home, ['status'], { env: { GITPROTECT_PASSPHRASE: 'correct horse' } });
    const { exitCode, findings } = await examine(home);
    expect(exitCode).toBe(1);
    expect(problems(findings)).toEqual([expect.stringMatching(/the vault \(sealed-file\) is locked/)]);
  });

  describe('where the agent cannot open at all', () => {
    test('names a damaged database, and looks at the rest', async () => {
      const home = world.home({ port: 0 });
      for (const name of readdirSync(home)) if (name.startsWith('gitprotect.db-')) rmSync(join(home, name));
      writeFileSync(join(home, 'gitprotect.db'), 'not a database at all, but long enough to be read as one'.repeat(20));
      const { exitCode, findings } = await examine(home);
      expect(exitCode).toBe(1);
      expect(findings.map(({ area, state }) => `${area} ${state}`)).toEqual([
        'machine ok',
        expect.stringContaining('machine'),
        'home ok',
        'database problem',
      ]);
    });

    test.skipIf(process.platform === 'win32')('names a folder that others may read, once', async () => {
      const home = world.home({ port: 0 });
      chmodSync(home, 0o755);
      const { exitCode, findings } = await examine(home);
      expect(exitCode).toBe(1);
      expect(findings.filter(({ area }) => area === 'home')).toMatchObject([{ state: 'problem', remedy: `run: chmod 700 '${home}'` }]);
    });

    test('names a setting that is wrong, and a missing git', async () => {
      const { findings } = await examine(world.home({ port: 'seven' }), { PATH: '/nowhere' });
      expect(problems(findings)).toEqual([expect.stringContaining('git was not found'), expect.stringContaining('"port"')]);
    });
  });
});
