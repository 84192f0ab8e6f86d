import { createHash } from 'node:crypto';
import type { Secret } from '../lib/secret.ts';

/** Where on which SSH server a storage lies. */
export interface SftpSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The folder on the server, which must be there. */
  readonly folder: string;
  /** The server's key, pinned: `SHA256:…` as OpenSSH writes it. */
  readonly hostKey: string;
}

/** How we prove who we are. */
export type SftpAccess =
  | { readonly kind: 'password'; readonly password: Secret }
  /** A private key in OpenSSH's or PEM form. */
  | { readonly kind: 'key'; readonly privateKey: Secret; readonly passphrase: Secret | null };

/** How messages name it. */
export function sftpPlace({ user, host, port, folder }: Omit<SftpSettings, 'hostKey'>): string {
  return `sftp://${user}@${host}${port === 22 ? '' : `:${port}`}${folder.startsWith('/') ? '' : '/~/'}${folder}`;
}

/** A key of a server as `ssh-keygen -l` shows it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
