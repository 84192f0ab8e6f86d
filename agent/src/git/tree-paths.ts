import type { GitHost } from './run-git.ts';
import { gitLines } from './stream-git.ts';

/**
 * Where blobs lie, as far as the trees in the bare repo `dir` tell: the first path at which each was found. Looks at every commit by itself,
 * so it works where the history is here only in part. Reads all trees: only for a message about the few that are missing.
 */
export async function pathsOf(dir: string, blobs: ReadonlySet<string>, host: GitHost): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (blobs.size === 0) return found;
  const args = ['rev-list', '--objects', '--no-walk=unsorted', '--missing=allow-any', '--stdin'];
  try {
    for await (const line of gitLines(dir, args, host, commits(dir, host))) {
      const [oid, path] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
      if (blobs.has(oid) && path !== '' && !found.has(oid)) found.set(oid, Buffer.from(path, 'latin1').toString('utf8'));
      if (found.size === blobs.size) break;
    }
  } catch {
    host.signal.throwIfAborted();
    // A tree that cannot be read: then the message goes without the path.
  }
  return found;
}

async function* commits(dir: string, host: GitHost): AsyncGenerator<Buffer, void> {
  const args = ['cat-file', '--batch-all-objects', '--unordered', '--batch-check=%(objectname) %(objecttype)'];
  for await (const line of gitLines(dir, args, host)) if (line.endsWith(' commit')) yield Buffer.from(`${line.split(' ', 1)[0]}\n`);
}
