import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';

/**
 * Makes `folder`, which must be empty or not there, from what `fill` puts into a temporary folder beside it: it appears whole, under its name,
 * or not at all.
 * @throws AppError `folder-not-empty`, `not-allowed` when it cannot be made; whatever `fill` throws
 */
export async function newFolder<T>(folder: string, fill: (dir: string) => Promise<T>): Promise<T> {
  const target = resolve(folder);
  const mode = await checkEmpty(target);
  const dir = `${target}.restoring-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await mkdir(dir, { mode: 0o700 });
  } catch (error) {
    throw new AppError('not-allowed', `the folder ${target} cannot be made`, {
      remedy: 'choose a folder in a place that the user of the agent may write to',
      cause: error,
    });
  }
  try {
    const result = await fill(dir);
    if (mode !== undefined) {
      await chmod(dir, mode);
      // Fails when somebody has put something there meanwhile.
      await rmdir(target);
    }
    await rename(dir, target);
    return result;
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw isCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR') ? notEmpty(target, error) : error;
  }
}

/** The mode of the empty folder that is there; `undefined` when nothing is. */
async function checkEmpty(target: string): Promise<number | undefined> {
  try {
    if ((await readdir(target)).length > 0) throw notEmpty(target);
    return (await stat(target)).mode & 0o777;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw isCode(error, 'ENOTDIR') ? notEmpty(target, error) : error;
  }
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

function notEmpty(folder: string, cause?: unknown): AppError {
  return new AppError('folder-not-empty', `${folder} is not an empty folder`, { remedy: 'name a new folder, or an empty one', cause });
}
