import { AppError } from '@gitprotect/shared/errors';
import type { StorageSettings } from '@gitprotect/shared/storage';
import type { Secret } from '../lib/secret.ts';
import { openLocalStorage } from '../storage/local.ts';
import { s3Place, type S3Access } from '../storage/s3-settings.ts';
import { sftpPlace, type SftpAccess } from '../storage/sftp-settings.ts';
import type { Storage } from '../storage/storage.ts';

/** What opens a storage; `null` where it needs none. */
export interface StorageAccess {
  /** S3's secret key, the password, or the private key. */
  readonly secret: Secret | null;
  /** Of the private key. */
  readonly passphrase: Secret | null;
}

export interface Opened {
  readonly settings: StorageSettings;
  readonly storage: Storage;
}

/** The storage that settings and secrets describe. Of the kinds only a folder is looked at already here. What speaks to servers is large, and loaded when it is needed. */
export async function openedStorage(
  settings: StorageSettings,
  access: StorageAccess,
  { now, create }: { now: () => number; create: boolean },
): Promise<Opened> {
  switch (settings.kind) {
    case 'folder':
      return { settings, storage: await openLocalStorage(settings.folder, { create }) };
    case 's3': {
      const { s3Storage } = await import('../storage/s3.ts');
      return { settings, storage: s3Storage(settings, { access: s3Access(settings.accessKeyId, access), now }) };
    }
    case 'sftp': {
      const { sftpStorage } = await import('../storage/sftp.ts');
      return { settings, storage: sftpStorage(settings, sftpAccess(settings.login, access)) };
    }
  }
}

/** How messages name it, whether it can be opened or not. */
export function placeOf(settings: StorageSettings): string {
  switch (settings.kind) {
    case 'folder':
      return settings.folder;
    case 's3':
      return s3Place(settings);
    case 'sftp':
      return sftpPlace(settings);
  }
}

function s3Access(accessKeyId: string | null, { secret }: StorageAccess): S3Access {
  if (accessKeyId === null) return { kind: 'machine' };
  return { kind: 'keys', accessKeyId, secretAccessKey: secret ?? missing() };
}

function sftpAccess(login: 'password' | 'key', { secret, passphrase }: StorageAccess): SftpAccess {
  return login === 'password'
    ? { kind: 'password', password: secret ?? missing() }
    : { kind: 'key', privateKey: secret ?? missing(), passphrase };
}

function missing(): never {
  throw new AppError('vault-unavailable', 'the vault no longer holds what opens this storage', {
    remedy: 'bring the vault back from a copy; or remove the storage and add it again: gitprotect-agent storage add',
  });
}
