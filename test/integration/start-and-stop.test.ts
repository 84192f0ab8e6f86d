import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command, startAgent, startCommand } from '../command-line.ts';
import { prepare, type Prepared } from './prepared-home.ts';

/** The agent as people and service managers start and end it. */
let world: Prepared;
beforeAll(async () => (world = await prepare()));
afterAll(async () => world[Symbol.asyncDispose]());

const noKeychain = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' };
/** Far below the two minutes for which a silent server is borne, and no measure of how busy the machine is. */
const soon = 60_000;

test('on a machine without keychain and browser the first start says what it chose, what that means, and what to do next', async () => {
  const home = join(world.root, 'first');
  await using agent = await startAgent(home, [], { env: noKeychain });
  const said = agent.stdout();
  expect(said).toContain(`GitProtect agent listens on 127.0.0.1:${agent.port}`);
  expect(said).toContain(`home      ${home}`);
  expect(said).toMatch(/vault {5}key-file\n/);
  expect(said).toContain(`storage   ${join(home, 'storage')}`);
  expect(said).toMatch(/next {6}in another terminal: gitprotect-agent pair.*or go on by command line/);
  expect(said).toMatch(/! the key lies beside the secrets: .*give a passphrase/);
  // Nobody may be reading: what a service prints is kept in a journal.
  expect(said).toContain(
    '! there is no recovery key yet: if this machine is lost, nothing opens the backups – gitprotect-agent recovery-key',
  );
  expect(said).not.toContain('AGE-SECRET-KEY');
  expect(`${said}${agent.stderr()}`).not.toMatch(/Error|\n\s+at /);
  expect((await command(home, ['status'])).stdout).toMatch(new RegExp(`agent +running on port ${agent.port}`));
});

test('with --json it says the same to programs', async () => {
  await using agent = await startAgent(world.home(), ['--json']);
  expect(JSON.parse(agent.stdout())).toMatchObject({ port: agent.port, vault: 'key-file', locked: false, paired: 0 });
});

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('by %s is clean, and soon', async (signal) => {
    const home = world.home();
    const agent = await startAgent(home);
    const { exitCode, milliseconds } = await agent.stop(signal);
    expect(exitCode).toBe(0);
    expect(milliseconds).toBeLessThan(soon);
    expect(agent.stderr()).not.toMatch(/error|\n\s+at /i);
    await using again = await startAgent(home);
    expect(again.port).toBeGreaterThan(0);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s ends a run that is on its way, which says so, and the next one completes it',
    async (signal) => {
      const home = world.home();
      const agent = await startAgent(home);
      const stalled = world.bitbucket.faults.add({ kind: 'stall', at: 0 }, { git: 'fetch' });
      const watching = command(home, ['run', 'nightly', '--wait']);
      while (stalled.hits === 0) await new Promise((resolve) => setImmediate(resolve));
      const { exitCode, milliseconds } = await agent.stop(signal);
      stalled.remove();
      expect({ exitCode, inTime: milliseconds < soon }).toEqual({ exitCode: 0, inTime: true });
      const seen = await watching;
      expect(seen.exitCode).toBe(1);
      expect(`${seen.stdout}${seen.stderr}`).toMatch(/cancelled|the agent ended while/);
      const [run] = (await world.done(home, ['runs'])) as { state: string }[];
      expect(run?.state).toMatch(/cancelled|interrupted/);
      expect((await command(home, ['run', 'nightly', '--wait'])).stdout).toMatch(/ORCH\/core +saved/);
    },
  );

  test('a command that waits for a run is told when its agent is killed', async () => {
    const home = world.home();
    const agent = await startAgent(home);
    const stalled = world.bitbucket.faults.add({ kind: 'stall', at: 0 }, { git: 'fetch' });
    const watching = command(home, ['run', 'nightly', '--wait', '--json']);
    while (stalled.hits === 0) await new Promise((resolve) => setImmediate(resolve));
    await agent.stop('SIGKILL');
    const { exitCode, stdout } = await watching;
    stalled.remove();
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'connection-lost' } });
    const [run] = (await world.done(home, ['runs'])) as { state: string }[];
    expect(run?.state).toBe('interrupted');
  });

  test('a run without an agent by Ctrl-C ends it, in words', async () => {
    const home = world.home();
    const stalled = world.bitbucket.faults.add({ kind: 'stall', at: 0 }, { git: 'fetch' });
    const { child, ended } = startCommand(home, ['run', 'nightly', '--wait']);
    while (stalled.hits === 0) await new Promise((resolve) => setImmediate(resolve));
    const from = performance.now();
    child.kill('SIGINT');
    const { exitCode, stdout } = await ended;
    stalled.remove();
    expect(performance.now() - from).toBeLessThan(soon);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/nightly cancelled/);
  });
});

test('what is logged is one JSON document a line', async () => {
  const home = world.home();
  await using agent = await startAgent(home);
  await agent.stop();
  const lines = readFileSync(join(home, 'logs', 'agent.log'), 'utf8')
    .trim()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(expect.arrayContaining(['the agent listens', 'the agent stops']));
});
