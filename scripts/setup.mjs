// Everything a fresh clone needs, once: packages, and on request the browsers for tests and the built extension.
// Plain JavaScript for Node 20: it runs before the pinned Node is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { config } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const packageManager = `pnpm@${config.pnpm}`;
const say = (text) => process.stderr.write(`setup: ${text}\n`);

/** Runs a step quietly; what it printed is shown only when it fails. */
function run(command, args, options = {}) {
  const step = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1e8,
    shell: process.platform === 'win32',
    ...options,
  });
  if (step.status === 0) return;
  process.stderr.write(`${step.stdout ?? ''}${step.stderr ?? ''}`);
  say(`failed: ${command} ${args.join(' ')}${step.error === undefined ? '' : ` (${step.error.message})`}`);
  process.exit(1);
}

/** Where the process that installs has written its id. */
const lock = join(root, '.installing');

/** One installs, another one waits: `npm start` and `npm run build` are begun beside each other, and two at once break each other's work. */
function waitForOthers() {
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      process.on('exit', () => rmSync(lock, { force: true }));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!waited) say('waiting for another one that installs');
    if (isOver()) rmSync(lock, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  }
}

/** Whether the process that holds the lock is no more. */
function isOver() {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function installPackages() {
  const stamp = join(root, 'node_modules', '.installed');
  const inputs = [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'shared/package.json',
    'agent/package.json',
    'extension/package.json',
    'test/package.json',
  ];
  const want = createHash('sha256')
    .update(inputs.map((file) => readFileSync(join(root, file))).join('\0'))
    .digest('hex');
  const isThere = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === want;
  if (isThere()) return;
  waitForOthers();
  if (isThere()) return;
  say(`installing packages with ${packageManager} (once, about half a minute)`);
  run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--config.confirm-modules-purge=false']);
  writeFileSync(stamp, want);
}

/** Debian packages the browser, keychain, format, large file and storage tests drive. Only root can install them; others are told which are missing. */
const debian = {
  chromium: '/usr/bin/chromium',
  'firefox-esr': '/usr/bin/firefox-esr',
  xvfb: '/usr/bin/Xvfb',
  xdotool: '/usr/bin/xdotool',
  'gnome-keyring': '/usr/bin/gnome-keyring-daemon',
  'dbus-x11': '/usr/bin/dbus-launch',
  age: '/usr/bin/age',
  zstd: '/usr/bin/zstd',
  'git-lfs': '/usr/bin/git-lfs',
  'openssh-server': '/usr/sbin/sshd',
  radosgw: '/usr/bin/radosgw',
  'ceph-mon': '/usr/bin/ceph-mon',
  'ceph-osd': '/usr/bin/ceph-osd',
  'ceph-common': '/usr/bin/ceph',
};

function installBrowsers() {
  const missing = Object.entries(debian)
    .filter(([, path]) => !existsSync(path))
    .map(([name]) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    say(`not installed: ${missing.join(', ')}; tests that need them say so and are skipped. As root: apt-get install ${missing.join(' ')}`);
    return;
  }
  say(`installing ${missing.join(', ')} from Debian`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env });
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
}

function buildExtension() {
  mkdirSync(join(root, 'extension', '.output'), { recursive: true });
  for (const browser of ['chrome', 'firefox']) {
    say(`building the extension for ${browser}`);
    run(join(root, 'extension', 'node_modules', '.bin', 'wxt'), ['build', '-b', browser], { cwd: join(root, 'extension') });
  }
}

installPackages();
if (process.argv.includes('--browsers')) installBrowsers();
if (process.argv.includes('--build')) buildExtension();
