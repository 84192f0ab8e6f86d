import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Debian's packages with the programs that are started, and where those lie. */
export const sshdPrograms = { 'openssh-server': '/usr/sbin/sshd', 'openssh-client': '/usr/bin/ssh-keygen' };

/** A real SSH server on loopback for the user who runs it. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  /** In OpenSSH's form; lets the user in. */
  readonly privateKey: string;
  /** `SHA256:…` of the server. */
  readonly hostKey: string;
  /** Breaks every connection that is open. */
  readonly cut: () => void;
}

/** Starts OpenSSH's own server with its built-in SFTP. */
export async function startSshd(): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'gitprotect-sshd-'));
  const file = (name: string): string => join(folder, name);
  for (const name of ['host', 'user']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)]);
  writeFileSync(file('authorized'), readFileSync(file('user.pub')));
  const behind = await freePort();
  writeFileSync(
    file('config'),
    [
      `Port ${behind}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${file('host')}`,
      `AuthorizedKeysFile ${file('authorized')}`,
      `PidFile ${file('pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'MaxStartups 100',
      'Subsystem sftp internal-sftp',
    ].join('\n'),
  );
  // Where it drops its rights; a system that never ran it has none.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(sshdPrograms['openssh-server'], ['-D', '-f', file('config')], { stdio: 'ignore' });
  await listens(behind);
  const sockets = new Set<Socket>();
  const relay = createServer((near) => {
    const far = connect(behind, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const [, hostKey = ''] = execFileSync('ssh-keygen', ['-l', '-f', file('host.pub')], { encoding: 'utf8' }).split(' ');
  return {
    port: (relay.address() as AddressInfo).port,
    user: userInfo().username,
    privateKey: readFileSync(file('user'), 'utf8'),
    hostKey,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      relay.close();
      if (child.exitCode === null && child.kill()) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listens(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
    socket.destroy();
    if (open) return;
    await delay(50);
  }
  throw new Error('sshd did not start');
}
