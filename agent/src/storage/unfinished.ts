import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Files being written lie here, on the disk of the storage, until they get their name. No object's name starts with a dot. */
const folderName = '.writing';

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 12);

/** A path for a new file that is being written. It says which process of which machine writes it. */
export async function unfinishedFile(place: string): Promise<string> {
  const folder = join(place, folderName);
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  return join(folder, `${host}.${process.pid}.${randomBytes(9).toString('base64url')}`);
}

/** Removes what processes of this machine that are no more left behind. Files of other machines are not ours to judge. */
export async function removeUnfinished(place: string): Promise<void> {
  const folder = join(place, folderName);
  for (const name of await readdir(folder).catch(() => [])) {
    const [machine, pid] = name.split('.');
    if (machine === host && !isRunning(Number(pid))) await unlink(join(folder, name)).catch(() => {});
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
