import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gitFailed, runGit, type GitHost } from './run-git.ts';
import { gitLines } from './stream-git.ts';

/**
 * Leaves in a bare repo only the objects that `tips` reach, in one pack; a repo whose history is cut off must say so before. What is missing of them is passed over.
 * @throws AppError `git-failed`; nothing is gone then
 */
export async function keepReachable(dir: string, tips: readonly string[], host: GitHost): Promise<void> {
  const folder = join(dir, 'objects', 'pack');
  const before = await readdir(folder);
  // Deltas are taken as they are.
  const args = ['pack-objects', '--quiet', '--delta-base-offset', '--window=0', join(folder, 'pack')];
  const output = await runGit(dir, args, host, reachable(dir, tips, host));
  if (output.exitCode !== 0) throw gitFailed(`pack what the refs of ${dir} reach`, output);
  const kept = `pack-${output.stdout.toString('latin1').trim()}.`;
  for (const name of before) if (!name.startsWith(kept)) await rm(join(folder, name));
}

async function* reachable(dir: string, tips: readonly string[], host: GitHost): AsyncGenerator<Buffer, void> {
  const lines = async function* (): AsyncGenerator<Buffer, void> {
    for (const oid of tips) yield Buffer.from(`${oid}\n`);
  };
  const args = ['rev-list', '--objects', '--missing=allow-any', '--stdin'];
  for await (const line of gitLines(dir, args, host, lines())) yield Buffer.from(`${line.split(' ', 1)[0] ?? ''}\n`);
}
