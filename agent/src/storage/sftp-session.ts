import { AppError } from '@gitprotect/shared/errors';
import { Client, type ConnectConfig, type SFTPWrapper, type Stats } from 'ssh2';
import { sftpError } from './sftp-error.ts';
import { fingerprint, sftpPlace, type SftpAccess, type SftpSettings } from './sftp-settings.ts';

/** One connection, and its file channel. */
export interface SftpSession {
  /** One call of ssh2 as a promise. Rejects when the connection is lost: ssh2 itself would leave the question open for ever. */
  readonly ask: <T>(call: (sftp: SFTPWrapper, done: Done<T>) => void) => Promise<T>;
  /** `false` once the connection is gone. */
  readonly alive: () => boolean;
  readonly close: () => void;
}

type Done<T> = (error: Error | null | undefined, result: T) => void;

export interface Entry {
  readonly filename: string;
  readonly attrs: Stats;
}

/** Milliseconds: until the server lets us in; between two signs of life, of which four may stay away. */
const patience = { ready: 20_000, keepalive: 15_000 };

/**
 * Logs in and opens the file channel.
 * @throws AppError `storage-refused` when the server's key is not the pinned one (before anything is said to it) or it does not let us in,
 *   `storage-unreachable`
 */
export async function openSession(settings: SftpSettings, access: SftpAccess, signal: AbortSignal): Promise<SftpSession> {
  const place = sftpPlace(settings);
  let shown = '';
  const client = new Client();
  const config: ConnectConfig = {
    ...target(settings),
    ...secretsOf(access),
    hostVerifier: (key: Buffer) => (shown = fingerprint(key)) === settings.hostKey,
  };
  try {
    await connected(client, config, signal);
    const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
      client.sftp((error, channel) => (error === undefined ? resolve(channel) : reject(error)));
    });
    return sessionOf(client, sftp);
  } catch (error) {
    client.destroy();
    signal.throwIfAborted();
    if (shown !== '' && shown !== settings.hostKey) throw otherKey(place, settings.hostKey, shown);
    throw sftpError(error, { place, what: 'it could not be opened' });
  }
}

function sessionOf(client: Client, sftp: SFTPWrapper): SftpSession {
  let alive = true;
  const open = new Set<(error: Error) => void>();
  const lost = (): void => {
    alive = false;
    for (const reject of open) reject(new Error('the connection was lost'));
    client.end();
  };
  client.on('close', lost);
  sftp.on('close', lost).on('error', lost);
  return {
    ask: (call) =>
      new Promise((resolve, reject) => {
        if (!alive) throw new Error('the connection was lost');
        // May throw: where the server has no such call.
        call(sftp, (error, result) => {
          open.delete(reject);
          if (error === null || error === undefined) resolve(result);
          else reject(error);
        });
        open.add(reject);
      }),
    alive: () => alive,
    close: () => client.end(),
  };
}

/** The key a server shows, without logging in: for a person to compare before it is pinned. */
export async function hostKeyOf(settings: Omit<SftpSettings, 'hostKey'>, signal: AbortSignal): Promise<string> {
  let shown = '';
  const client = new Client();
  try {
    await connected(client, { ...target(settings), hostVerifier: (key: Buffer) => ((shown = fingerprint(key)), false) }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (shown === '') throw sftpError(error, { place: sftpPlace(settings), what: 'it showed no key' });
  } finally {
    client.destroy();
  }
  return shown;
}

function connected(client: Client, config: ConnectConfig, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    client
      .once('ready', () => {
        signal.removeEventListener('abort', abort);
        resolve();
      })
      // Stays for good: an error that comes later is also that of whatever waits then.
      .on('error', reject)
      .once('close', () => reject(new Error('the connection was closed')))
      .connect(config);
  });
}

const target = ({ host, port, user }: Omit<SftpSettings, 'hostKey' | 'folder'>): ConnectConfig => ({
  host,
  port,
  username: user,
  readyTimeout: patience.ready,
  keepaliveInterval: patience.keepalive,
  keepaliveCountMax: 4,
});

function secretsOf(access: SftpAccess): ConnectConfig {
  if (access.kind === 'password') return { password: access.password.reveal() };
  return { privateKey: access.privateKey.reveal(), ...(access.passphrase === null ? {} : { passphrase: access.passphrase.reveal() }) };
}

function otherKey(place: string, pinned: string, shown: string): AppError {
  return new AppError(
    'storage-refused',
    `${place} shows another key (${shown}) than the one pinned (${pinned}): it may be another server`,
    {
      remedy: 'ask whoever runs the server whether its key was changed; if so, add the storage again with the new key',
      facts: { pinned, shown },
    },
  );
}
