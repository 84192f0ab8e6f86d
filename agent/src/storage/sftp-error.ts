import { AppError } from '@gitprotect/shared/errors';

/** Status codes of the protocol (draft-ietf-secsh-filexfer-02, 7). */
export const status = { noSuchFile: 2, permissionDenied: 3, failure: 4, unsupported: 8 } as const;

/** The status an SFTP server answered with, or `undefined` when the error is not an answer of its. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

/** An error of SFTP in words of storage; ours as it is. `what` was tried in `place`. */
export function sftpError(error: unknown, { place, what }: { place: string; what: string }): AppError {
  if (error instanceof AppError) return error;
  const words = error instanceof Error ? error.message : 'no reason given';
  const more = { cause: error, facts: { place } };
  switch (statusOf(error)) {
    case status.noSuchFile:
      return new AppError('storage-missing', `the storage ${place} is not there: ${what}`, {
        remedy: 'mount the disk on the server, or create the folder if this is a new storage',
        ...more,
      });
    case status.permissionDenied:
      return new AppError('storage-read-only', `the storage ${place} cannot be written to: ${what}`, {
        remedy: 'let the user own the folder on the server',
        ...more,
      });
    case undefined:
      break;
    default:
      // The protocol has no word for a full disk; the caller looks at the free space before it comes here.
      return new AppError('storage-unreachable', `the storage ${place} refused: ${what} (${words})`, {
        remedy: 'check the disk of the server: its space, its quota, its health',
        ...more,
      });
  }
  if (level(error) === 'client-authentication') {
    return new AppError('storage-refused', `${place}: the server did not accept the password or key`, {
      remedy: 'store it again, and see that the server allows this way to log in',
      ...more,
    });
  }
  return new AppError('storage-unreachable', `the storage ${place} does not answer: ${what} (${words})`, {
    remedy: 'check the server and the network; backups go on by themselves when it can be reached',
    ...more,
  });
}

/** Where in SSH it went wrong, in ssh2's words. */
function level(error: unknown): unknown {
  return error instanceof Error && 'level' in error ? error.level : undefined;
}
