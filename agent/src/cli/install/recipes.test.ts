import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Program } from '../command.ts';
import { launchAgent } from './launchd.ts';
import { lastingPath, marker } from './recipe.ts';
import { scheduledTask } from './scheduled-task.ts';
import { systemdUnit } from './systemd.ts';

const program: Program = {
  node: '/opt/node 24/bin/node',
  bin: '/srv/50% "off"/$agent\\bin.js',
  home: '/home/jane/My Backups & Co',
  path: '/srv/x/node_modules/.bin:/usr/local/bin:/root/.npm/_npx/1/bin:/usr/bin',
  settingsFolder: '/home/jane/.config',
  platform: 'linux',
};

test('every description says in its first lines that we wrote it', () => {
  const windows = { ...program, bin: 'C:\\agent\\bin.js' };
  for (const { content } of [systemdUnit(program), launchAgent(program, 501), scheduledTask(windows)]) {
    const head = content.split('\n').slice(0, 4).join('\n');
    expect(head).toMatch(new RegExp(`${marker}|${marker.replaceAll('"', '&quot;')}`));
  }
});

test('folders that npx puts on the path for one call are left out', () => {
  expect(lastingPath(program)).toBe('/usr/local/bin:/usr/bin');
  expect(lastingPath({ path: 'C:\\a\\node_modules\\.bin;C:\\Git\\cmd', platform: 'win32' })).toBe('C:\\Git\\cmd');
});

describe('the systemd unit', () => {
  test('quotes spaces, quotation marks, backslashes, specifiers and dollar signs', () => {
    const { file, content } = systemdUnit(program);
    expect(file).toBe('/home/jane/.config/systemd/user/gitprotect-agent.service');
    expect(content).toContain(String.raw`ExecStart="/opt/node 24/bin/node" "/srv/50%% \"off\"/$$agent\\bin.js" start` + '\n');
    expect(content).toContain('Environment="GITPROTECT_HOME=/home/jane/My Backups & Co"\n');
  });

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  test.skipIf(!hasSystemd)('is one that systemd takes without a complaint, from a folder with an odd name', () => {
    const root = mkdtempSync(join(tmpdir(), 'gitprotect-unit-'));
    try {
      const odd = join(root, '50% of $HOME');
      mkdirSync(odd);
      const node = join(odd, 'node');
      writeFileSync(node, '#!/bin/sh\n', { mode: 0o755 });
      const file = join(root, 'gitprotect-agent.service');
      writeFileSync(file, systemdUnit({ ...program, node, bin: join(odd, 'bin.js') }).content);
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--user', '--recursive-errors=no', file], {
        encoding: 'utf8',
        env: { ...process.env, XDG_RUNTIME_DIR: root },
      });
      expect({ status, complaints: stderr.split('\n').filter((line) => line.includes('gitprotect-agent')) }).toEqual({
        status: 0,
        complaints: [],
      });
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe('the launch agent', () => {
  test('holds paths as text of XML, and names the user it is for', () => {
    const { file, content, start } = launchAgent({ ...program, settingsFolder: '/Users/jane/Library' }, 501);
    expect(file).toBe('/Users/jane/Library/LaunchAgents/dev.gitprotect.agent.plist');
    expect(content).toContain('<string>/home/jane/My Backups &amp; Co</string>');
    expect(content).toContain('<string>/srv/50% &quot;off&quot;/$agent\\bin.js</string>');
    expect(start).toContainEqual(['launchctl', 'bootstrap', 'gui/501', file]);
  });
});

describe('the scheduled task', () => {
  const windows = { ...program, node: 'C:\\Program Files\\node.exe', bin: 'C:\\GitProtect\\bin.js', home: 'C:\\My Data & Co' };

  test('sets the folder and starts the agent with quoted paths', () => {
    const { content, encoding, file } = scheduledTask(windows);
    expect(file).toBe('C:\\My Data & Co\\gitprotect-agent-task.xml');
    expect(encoding).toBe('utf16le');
    expect(content).toContain(
      '<Arguments>/d /s /c &quot;set &quot;GITPROTECT_HOME=C:\\My Data &amp; Co&quot;&amp;&amp; &quot;C:\\Program Files\\node.exe&quot; &quot;C:\\GitProtect\\bin.js&quot; start&quot;</Arguments>',
    );
  });

  test.each(['%', '"', '!', '^'])('refuses a path with %s, which cmd would change', (character) => {
    expect(() => scheduledTask({ ...windows, home: `C:\\a${character}b` })).toThrow(/gives a meaning/);
  });
});
