import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Files being written lie here, on the disk of the storage, until they get their name. No object's name starts with a dot. */
const folderName = '.writing';

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 12);

/** A path for a new file that is being written. */
export async function unfinishedFile(place: string): Promise<string> {
  const folder = join(place, folderName);
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  return join(folder, unfinishedName());
}

/** A name for something being written. It says which process of which machine writes it. */
export function unfinishedName(): string {
  return `${host}.${process.pid}.${randomBytes(9).toString('base64url')}`;
}

/** Whether what has this name was left by a process of this machine that is no more. What other machines write is not ours to judge. */
export function isLeftBehind(name: string): boolean {
  const [machine, pid] = name.split('.');
  return machine === host && !isRunning(Number(pid));
}

/** Removes what was left behind. */
export async function removeUnfinished(place: string): Promise<void> {
  const folder = join(place, folderName);
  for (const name of await readdir(folder).catch(() => [])) {
    if (isLeftBehind(name)) await unlink(join(folder, name)).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
