import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { command, type Ended } from '../command-line.ts';

/** `service` on a Linux machine, whose systemctl is a program of ours that writes down what it was asked. */
describe.skipIf(process.platform !== 'linux')('service', () => {
  let root: string;
  const at = (name: string) => join(root, name);
  const unit = () => at('settings/systemd/user/gitprotect-agent.service');
  const asked = () => (existsSync(at('asked')) ? readFileSync(at('asked'), 'utf8').trim().split('\n') : []);
  const service = (...args: string[]): Promise<Ended> =>
    command(at('home folder'), ['service', ...args], { env: { XDG_CONFIG_HOME: at('settings'), PATH: `${at('bin')}:/usr/bin:/bin` } });
  const systemctl = (script: string) => {
    writeFileSync(at('bin/systemctl'), `#!/bin/sh\n${script}\n`);
    chmodSync(at('bin/systemctl'), 0o755);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gitprotect-service-'));
    mkdirSync(at('bin'));
    systemctl(`echo "$*" >> '${at('asked')}'`);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test('is described, started, and said to be', async () => {
    const { exitCode, stdout, stderr } = await service('install');
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`written: ${unit()}`);
    expect(stdout).toContain(`the agent runs as a service, with ${at('home folder')} as its folder`);
    expect(readFileSync(unit(), 'utf8')).toContain(`Environment="GITPROTECT_HOME=${at('home folder')}"`);
    expect(statSync(unit()).mode & 0o077).toBe(0);
    expect(asked()).toEqual(['--user daemon-reload', '--user enable gitprotect-agent.service', '--user restart gitprotect-agent.service']);
  });

  test('installed again, stays as it is', async () => {
    await service('install');
    const { exitCode, stderr } = await service('install');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('is already as it should be');
  });

  test('with --dry-run only shows what it would do', async () => {
    const { exitCode, stdout, stderr } = await service('install', '--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('[Service]');
    expect(stderr).toContain('systemctl --user enable gitprotect-agent.service');
    expect(existsSync(unit())).toBe(false);
    expect(asked()).toEqual([]);
  });

  test.each(['install', 'remove'])('%s leaves a unit alone that somebody else wrote', async (word) => {
    mkdirSync(at('settings/systemd/user'), { recursive: true });
    writeFileSync(unit(), '[Service]\nExecStart=/usr/bin/true\n');
    const { exitCode, stderr } = await service(word);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/was not written by GitProtect \[already-exists\]/);
    expect(readFileSync(unit(), 'utf8')).toContain('/usr/bin/true');
    expect(asked()).toEqual([]);
  });

  test('where systemd has no session of the user, says that it is described but not started, and what to run', async () => {
    systemctl('echo "Failed to connect to bus: No medium found" >&2; exit 1');
    const { exitCode, stderr } = await service('install');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/described in .*, but not started: .*daemon-reload” failed: Failed to connect to bus/);
    expect(stderr).toMatch(/→ in a login session .*systemctl --user daemon-reload && .*as in a container/);
    expect(existsSync(unit())).toBe(true);
  });

  test('is stopped and removed, and everything else stays', async () => {
    await service('install');
    const { exitCode, stdout } = await service('remove');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`removed ${unit()}`);
    expect(existsSync(unit())).toBe(false);
    expect(asked().slice(-2)).toEqual(['--user disable --now gitprotect-agent.service', '--user daemon-reload']);
    const again = await service('remove');
    expect(again.exitCode).toBe(0);
    expect(again.stdout).toContain('no service is installed');
  });
});
