import { closeSync, openSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';

const posix = process.platform !== 'win32';

/**
 * Writes `file` whole or not at all, readable by its owner only: a temporary file beside it, fsync, rename, fsync of the folder.
 * One writer at a time; what a killed writer left in `<file>.tmp` is overwritten by the next.
 */
export async function writePrivate(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.tmp`;
  await rm(temporary, { force: true });
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (posix) await syncFolder(dirname(file));
}

/** Makes an empty file that only its owner may read, whatever the umask; nothing happens when it is there. For files that others then open. */
export function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/** Makes a rename or a removal in `folder` survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Refuses a file or folder that others than its owner may touch. Windows has no such bits: there the profile folder's rights hold.
 * @throws AppError `vault-insecure`, with the `chmod` that puts it right
 */
export async function requirePrivate(path: string): Promise<void> {
  if (!posix) return;
  const status = await stat(path);
  if ((status.mode & 0o077) === 0) return;
  const mode = (status.mode & 0o777).toString(8);
  throw new AppError('vault-insecure', `${path} is open to other users of this machine (mode ${mode})`, {
    remedy: `run: chmod ${status.isDirectory() ? '700' : '600'} '${path}'`,
  });
}
