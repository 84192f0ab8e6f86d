import { AppError } from '@gitprotect/shared/errors';
import { fsck } from '../git/git.ts';
import { keepReachable } from '../git/keep-reachable.ts';
import type { GitHost } from '../git/run-git.ts';

/** A rebuilt repo of which only what its own refs reach may be seen. */
interface Own {
  readonly tips: readonly string[];
  /** Objects that the server had lost: no fault of the backup. */
  readonly lost: ReadonlySet<string>;
}

/**
 * Drops from a fork's rebuilt repo what it only leaned on: that is for those who may see the other repo. Where git cannot tell what that is, since
 * something of the fork's own is missing, nothing may be seen of it: whoever made the folder removes it, as after every error.
 * @throws AppError `backup-damaged` with what is missing; which bundle lacks it nobody knows
 */
export async function keepOwn(dir: string, { tips, lost }: Own, host: GitHost): Promise<void> {
  try {
    await keepReachable(dir, tips, host);
  } catch (caught) {
    host.signal.throwIfAborted();
    if (!(caught instanceof AppError) || caught.code !== 'git-failed') throw caught;
    const { whole, complaints } = await fsck(dir, host, { expected: lost });
    // All is there: then it is git, or this machine, that failed.
    if (whole) throw caught;
    throw new AppError('backup-damaged', `history of the repository is missing: ${complaints[0] ?? caught.message}`, {
      remedy: 'run the plan: it takes a new full backup by itself; or restore an older snapshot',
      cause: caught,
    });
  }
}
