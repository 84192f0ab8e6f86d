import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs git in a bare repository, free of the machine's own configuration. Returns stdout. `more` joins its environment. */
export async function git(folder: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await run('git', args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_DIR: folder, ...more },
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout;
}

export interface Ref {
  readonly name: string;
  readonly oid: string;
  /** The commit an annotated tag points at. */
  readonly peeled: string | undefined;
}

/** Refs below `prefix`, the most recently committed first, as Bitbucket lists branches. */
export async function listRefs(folder: string, prefix: string): Promise<Ref[]> {
  const format = '%(refname)%00%(objectname)%00%(*objectname)';
  const output = await git(folder, ['for-each-ref', `--format=${format}`, '--sort=-creatordate', prefix]);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', oid = '', peeled = ''] = line.split('\0');
      return { name, oid, peeled: peeled === '' ? undefined : peeled };
    });
}

/** The object a ref names, undefined when it does not exist. */
export async function resolveRef(folder: string, ref: string): Promise<string | undefined> {
  const output = await git(folder, ['for-each-ref', '--format=%(objectname)', '--count=1', ref]);
  return output.trim() || undefined;
}

/** Where HEAD points: `refs/heads/main`, whether or not it exists. */
export async function headOf(folder: string): Promise<string> {
  return (await git(folder, ['symbolic-ref', 'HEAD'])).trim();
}

/** What `git init --bare` would make, without starting a process for each of thousands of repositories. */
export function createBareFolder(folder: string, defaultBranch: string): string {
  for (const part of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'HEAD'), `ref: refs/heads/${defaultBranch}\n`);
  writeFileSync(join(folder, 'config'), '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n');
  return folder;
}
