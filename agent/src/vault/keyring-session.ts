import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Whether this machine can run a desktop's keyring for tests. */
export const withKeyring = process.platform === 'linux' && installed();

function installed(): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v dbus-daemon && command -v dbus-send && command -v gnome-keyring-daemon'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A session bus with a real, unlocked gnome-keyring on it, which ends with its bus. */
export interface KeyringSession extends AsyncDisposable {
  /** What `DBUS_SESSION_BUS_ADDRESS` must say. */
  readonly address: string;
  /** Locks it, as a screen lock does. */
  lock(): void;
}

export async function keyringSession(): Promise<KeyringSession> {
  const home = mkdtempSync(join(tmpdir(), 'gitprotect-keyring-'));
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_RUNTIME_DIR: home };
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address=1'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const address = String((await once(createInterface(bus.stdout), 'line'))[0]);
  const run = (command: string, args: string[], input = ''): void => {
    execFileSync(command, args, { env: { ...env, DBUS_SESSION_BUS_ADDRESS: address }, input, stdio: ['pipe', 'ignore', 'ignore'] });
  };
  run('gnome-keyring-daemon', ['--daemonize', '--unlock', '--components=secrets'], 'password');
  return {
    address,
    lock() {
      const [to, path] = ['--dest=org.freedesktop.secrets', '/org/freedesktop/secrets'];
      run('dbus-send', ['--print-reply', to, path, 'org.freedesktop.Secret.Service.Lock', `array:objpath:${path}/collection/login`]);
    },
    async [Symbol.asyncDispose]() {
      bus.kill();
      await once(bus, 'exit');
    },
  };
}
