import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { fsck } from '../git/git.ts';
import { keepReachable } from '../git/keep-reachable.ts';
import type { GitHost } from '../git/run-git.ts';

/** A rebuilt repo of which only what its own refs reach may be seen. */
interface Own {
  readonly tips: readonly string[];
  /** The object of the backup at fault when that is not whole: the last of its chain. */
  readonly object: string;
}

/**
 * Drops from a fork's rebuilt repo what it only leaned on: that is for those who may see the other repo. Where git cannot tell what that is, since
 * something of the fork's own is missing, the folder is emptied: better nothing than another repo's objects.
 * @throws AppError `backup-damaged` with what is missing
 */
export async function keepOwn(dir: string, { tips, object }: Own, host: GitHost): Promise<void> {
  try {
    await keepReachable(dir, tips, host);
  } catch (caught) {
    host.signal.throwIfAborted();
    if (!(caught instanceof AppError) || caught.code !== 'git-failed') throw caught;
    const { whole, complaints } = await fsck(dir, host);
    // All is there: then it is git, or this machine, that failed.
    if (whole) throw caught;
    await emptyFolder(dir);
    throw new AppError('backup-damaged', `history of the repository is missing: ${complaints[0] ?? caught.message}`, {
      remedy: 'run the plan: it takes a new full backup by itself; or restore an older snapshot',
      facts: { object },
      cause: caught,
    });
  }
}

/** Removes all that is in a folder. */
export async function emptyFolder(dir: string): Promise<void> {
  for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true });
}
