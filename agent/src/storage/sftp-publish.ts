import { AppError } from '@gitprotect/shared/errors';
import type { Stats } from 'ssh2';
import { status, statusOf } from './sftp-error.ts';
import type { SftpSession } from './sftp-session.ts';

/** A whole file, and the name it is to get. Paths on the server. */
export interface Publication {
  readonly from: string;
  readonly to: string;
  /** For the message. */
  readonly name: string;
  readonly place: string;
}

/**
 * Gives a whole file its name, which must be free: by a hard link where the server makes them, else by `rename`, which by the protocol fails when the
 * name is taken (draft-ietf-secsh-filexfer-02, 6.5). Never by OpenSSH's `posix-rename`, which replaces.
 * @throws AppError `storage-exists`
 */
export async function publish(session: SftpSession, { from, to, name, place }: Publication): Promise<void> {
  try {
    await link(session, from, to);
  } catch (error) {
    // "Failure" is all that is said of a taken name.
    if (statusOf(error) !== status.failure) throw error;
    const there = await session
      .ask<Stats>((sftp, done) => sftp.stat(to, done))
      .then(
        () => true,
        () => false,
      );
    if (!there) throw error;
    throw new AppError('storage-exists', `${name} is already in the storage ${place}`, { facts: { name }, cause: error });
  }
}

async function link(session: SftpSession, from: string, to: string): Promise<void> {
  try {
    await session.ask<undefined>((sftp, done) => sftp.ext_openssh_hardlink(from, to, (error) => done(error, undefined)));
  } catch (error) {
    const missing = error instanceof Error && error.message.includes('does not support');
    if (!missing && statusOf(error) !== status.unsupported) throw error;
    await session.ask<undefined>((sftp, done) => sftp.rename(from, to, (failure) => done(failure, undefined)));
  }
}
