import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import type { ObjectFormat } from './object-id.ts';

const config = {
  sha1: '[core]\n\trepositoryformatversion = 0\n\tbare = true\n',
  sha256: '[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n',
} as const;

/**
 * Makes `dir` (an existing folder) an empty bare repo (gitrepository-layout): what `git init` writes, without the time that takes, and without what
 * it takes from the machine: hooks, templates, where refs are kept.
 * @throws AppError `git-failed`
 */
export async function initBare(dir: string, objectFormat: ObjectFormat): Promise<void> {
  try {
    for (const folder of ['objects', 'objects/info', 'objects/pack', 'refs', 'refs/heads', 'refs/tags']) await mkdir(join(dir, folder));
    await writeFile(join(dir, 'config'), config[objectFormat]);
    await writeFile(join(dir, 'HEAD'), 'ref: refs/heads/master\n');
  } catch (error) {
    throw new AppError('git-failed', `a repository cannot be made in ${dir}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
