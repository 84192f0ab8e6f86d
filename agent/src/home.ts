import { constants } from 'node:fs';
import { access, chmod, mkdir, readdir } from 'node:fs/promises';
import { AppError } from '@gitprotect/shared/errors';
import { requirePrivate } from './lib/private-file.ts';

/**
 * Makes the folder that holds everything of the agent's, for its owner only. An empty folder that is there already becomes private; one
 * with content is not touched.
 * @throws AppError `vault-insecure` when others may read it, `config-invalid` when it cannot be made or written
 */
export async function ensureHome(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    if ((await readdir(home)).length === 0) await chmod(home, 0o700);
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new AppError('config-invalid', `the folder ${home} cannot be used: ${error instanceof Error ? error.message : 'unknown error'}`, {
      remedy: 'give a folder the agent may write, in GITPROTECT_HOME',
      cause: error,
    });
  }
  await requirePrivate(home);
}
