import { AppError } from '@gitprotect/shared/errors';
import { formatBytes } from '@gitprotect/shared/format';

/** The code of an error of the file system (`ENOSPC`), or `undefined` for any other error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What was going on when the file system refused. */
export interface Attempt {
  readonly folder: string;
  readonly name: string;
  /** Bytes to write at least, and bytes that were free, where known. */
  readonly bytes: number;
  readonly freeBytes: number | null;
}

/** An error of the file system in words of storage; every other error as it is. */
export function storageError(error: unknown, { folder, name, bytes, freeBytes }: Attempt): unknown {
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT': {
      const free = freeBytes === null ? 'nothing' : formatBytes(freeBytes);
      return new AppError('storage-full', `the storage ${folder} is full: ${name} needs more than ${formatBytes(bytes)}, ${free} is free`, {
        remedy: 'free space there, or keep fewer snapshots and prune; earlier backups are untouched',
        facts: freeBytes === null ? { neededBytes: bytes } : { neededBytes: bytes, freeBytes },
        cause: error,
      });
    }
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new AppError('storage-read-only', `the storage ${folder} cannot be written to: ${name} was refused`, {
        remedy: 'mount it for writing, and let the user of the agent own the folder',
        cause: error,
      });
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENODEV':
    case 'ENXIO':
      return missing(folder, error);
    case 'EIO':
    case 'ESTALE':
    case 'ETIMEDOUT':
    case 'EHOSTDOWN':
    case 'ENOTCONN':
    case 'EBUSY':
      return new AppError('storage-unreachable', `the storage ${folder} does not answer: ${name} could not be read or written`, {
        remedy: 'check the disk or the network share',
        cause: error,
      });
    default:
      return error;
  }
}

/** The folder of the storage is not there. */
export function missing(folder: string, cause: unknown): AppError {
  return new AppError('storage-missing', `the storage ${folder} is not there`, {
    remedy: 'mount the disk or share, or create the folder if this is a new storage',
    cause,
  });
}
