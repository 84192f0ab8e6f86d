import type { GitHost } from './run-git.ts';
import { streamGit } from './stream-git.ts';

/**
 * Where blobs lie, as far as the commits of the bare repo `dir` tell: the first path at which each was found. `tips` are commits or tags to
 * start from. A walk through all history: only for a message about the few that are missing.
 */
export async function pathsOf(
  dir: string,
  blobs: ReadonlySet<string>,
  tips: readonly string[],
  host: GitHost,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (blobs.size === 0 || tips.length === 0) return found;
  const input = (async function* () {
    yield Buffer.from(tips.map((tip) => `${tip}\n`).join(''));
  })();
  let rest = '';
  try {
    for await (const chunk of streamGit(
      dir,
      ['rev-list', '--objects', '--ignore-missing', '--missing=allow-any', '--stdin'],
      host,
      input,
    )) {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [oid, path] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
        if (blobs.has(oid) && path !== '' && !found.has(oid)) found.set(oid, path);
      }
    }
  } catch {
    host.signal.throwIfAborted();
    // A history that is here only in part may not be walkable: then the message goes without the path.
  }
  return found;
}
