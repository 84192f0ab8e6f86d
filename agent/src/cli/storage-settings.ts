import { readFile } from 'node:fs/promises';
import { AppError } from '@gitprotect/shared/errors';
import type { Call, Params } from '@gitprotect/shared/protocol';
import type { Arguments, Context } from './command.ts';

/** What `storage add` takes. */
export const storageOptions = {
  folder: { type: 'string' },
  s3: { type: 'string' },
  sftp: { type: 'string' },
  region: { type: 'string' },
  endpoint: { type: 'string' },
  'path-style': { type: 'boolean' },
  ca: { type: 'string' },
  encryption: { type: 'string' },
  'kms-key': { type: 'string' },
  'lock-mode': { type: 'string' },
  'lock-days': { type: 'string' },
  'access-key': { type: 'string' },
  'machine-rights': { type: 'boolean' },
  'secret-stdin': { type: 'boolean' },
  'password-stdin': { type: 'boolean' },
  'key-stdin': { type: 'boolean' },
  'host-key': { type: 'string' },
  'trust-host-key': { type: 'boolean' },
} as const;

export const storageUsage =
  'NAME --folder DIR | --s3 BUCKET[/PREFIX] --region REGION [--endpoint URL] [--path-style] [--ca FILE] [--encryption AES256|aws:kms] [--kms-key ID] [--lock-mode GOVERNANCE|COMPLIANCE --lock-days N] (--access-key ID --secret-stdin | --machine-rights) | --sftp USER@HOST[:PORT]/FOLDER (--password-stdin | --key-stdin) [--host-key SHA256:… | --trust-host-key]';

type Wanted = Omit<Params<'storage.add'>, 'name'>;

/** The bucket that the options describe. The secret key is read from standard input: arguments are readable by every user of the machine. */
export async function s3Wanted(args: Arguments, { terminal }: Context): Promise<Wanted> {
  const [bucket = '', ...prefix] = (args.text('s3') ?? '')
    .replace(/^s3:\/\//, '')
    .replace(/\/+$/, '')
    .split('/');
  const region = args.text('region') ?? (args.text('endpoint') === undefined ? undefined : 'us-east-1');
  if (region === undefined) throw wrong('the bucket’s region is missing', 'add it: --region eu-central-1');
  const machine = args.flag('machine-rights');
  const accessKeyId = args.text('access-key') ?? null;
  if (machine === (accessKeyId !== null))
    throw wrong(
      'whose rights it uses is not clear',
      'give --access-key ID --secret-stdin; or, on a machine that has rights of its own, --machine-rights',
    );
  const settings: Wanted['settings'] = {
    kind: 's3',
    bucket,
    prefix: prefix.map((part) => `${part}/`).join(''),
    region,
    endpoint: args.text('endpoint')?.replace(/\/$/, '') ?? null,
    pathStyle: args.flag('path-style'),
    ca: await certificate(args.text('ca')),
    encryption: encryption(args),
    lock: lock(args),
    accessKeyId,
  };
  return machine ? { settings } : { settings, secret: await terminal.readInput('the secret access key') };
}

function encryption(args: Arguments): Extract<Wanted['settings'], { kind: 's3' }>['encryption'] {
  const [kind, kmsKey] = [args.text('encryption'), args.text('kms-key')];
  if (kind === 'aws:kms') return { kind, kmsKey: kmsKey ?? null };
  if (kmsKey !== undefined) throw wrong('--kms-key needs --encryption aws:kms', 'give both');
  if (kind === undefined) return null;
  if (kind === 'AES256') return { kind };
  throw wrong(`“${kind}” is no encryption of S3`, 'give AES256 or aws:kms; backups are sealed by the agent in any case');
}

function lock(args: Arguments): Extract<Wanted['settings'], { kind: 's3' }>['lock'] {
  const [mode, days] = [args.text('lock-mode'), args.count('lock-days')];
  if (mode === undefined && days === undefined) return null;
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || days === undefined || days === 0)
    throw wrong('an object lock needs a mode and days', 'for example --lock-mode COMPLIANCE --lock-days 30');
  return { mode, days };
}

async function certificate(file: string | undefined): Promise<string | null> {
  if (file === undefined) return null;
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new AppError('bad-request', `${file} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`, {
      remedy: 'give the PEM file of the authority',
    });
  }
}

const address = /^(?:sftp:\/\/)?([^@/\s]+)@(\[[^\]]+\]|[^:/\s]+)(?::(\d{1,5}))?(\/.*)$/;

/** The folder of an SSH server that the options describe; its key is pinned here, by a person. */
export async function sftpWanted(args: Arguments, { terminal }: Context, call: Call): Promise<Wanted> {
  const [, user = '', host = '', port = '22', folder = ''] = address.exec(args.text('sftp') ?? '') ?? [];
  if (user === '')
    throw wrong(`“${args.text('sftp') ?? ''}” is not the folder of a server`, 'write it like backup@host.example.com:22/srv/backups');
  if (args.flag('password-stdin') === args.flag('key-stdin'))
    throw wrong('how to log in is not clear', 'give --password-stdin, or --key-stdin with a private key without passphrase');
  const to = { user, host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  const hostKey = args.text('host-key') ?? (await shownKey(call, to, args.flag('trust-host-key')));
  if (args.flag('trust-host-key')) terminal.note(`pinned the key that the server shows now: ${hostKey}`);
  const password = args.flag('password-stdin');
  const secret = await terminal.readInput(password ? 'the password' : 'the private key');
  return { settings: { kind: 'sftp', ...to, folder, hostKey, login: password ? 'password' : 'key' }, secret };
}

async function shownKey(call: Call, to: { user: string; host: string; port: number }, trust: boolean): Promise<string> {
  const { hostKey } = await call('storage.host-key', to);
  if (trust) return hostKey;
  throw wrong(
    `the key of ${to.host} is not known yet; it shows ${hostKey}`,
    `compare it with what “ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub” says on that server, then add: --host-key ${hostKey}`,
  );
}

function wrong(message: string, remedy: string): AppError {
  return new AppError('bad-request', message, { remedy });
}
