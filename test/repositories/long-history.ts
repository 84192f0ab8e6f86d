import { commit } from './history.ts';
import { emptyRepository, fastImport, git } from './real-git.ts';

const folders = 60;
const filesInFolder = 50;
const linesInFile = 80;
const words = 'const return value import from await async function error message repo snapshot bundle chain token plan run'.split(' ');

/** The same numbers below `limit` everywhere (Lehmer's generator). */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}

/** Text files that people edit: each commit changes two lines in each of three files. */
function* edits(commits: number): Generator<Buffer> {
  const roll = dice(7);
  const line = (): string => `${Array.from({ length: 6 }, () => words[roll(words.length)]).join(' ')} ${roll(100_000)}\n`;
  const files = new Map<string, string[]>();
  for (let mark = 1; mark <= commits; mark += 1) {
    const changed: Record<string, string> = {};
    for (let edit = 0; edit < 3; edit += 1) {
      const path = `src/part-${roll(folders)}/file-${roll(filesInFolder)}.ts`;
      const lines = files.get(path) ?? Array.from({ length: linesInFile }, line);
      files.set(path, lines);
      lines.splice(roll(linesInFile), 1, line());
      lines.splice(roll(linesInFile), 1, line());
      changed[path] = lines.join('');
    }
    yield commit({
      ref: 'refs/heads/main',
      mark,
      message: `change ${mark}\n\n${line()}`,
      files: changed,
      parents: mark === 1 ? [] : [mark - 1],
    });
    if (mark % 500 === 0) yield Buffer.from(`reset refs/tags/v${mark / 500}\nfrom :${mark}\n\n`);
  }
}

/** A repo as development leaves it: small text files in many versions, packed into deltas. About nine objects a commit. Returns how many. */
export async function longHistory(dir: string, { commits }: { readonly commits: number }): Promise<number> {
  emptyRepository(dir);
  await fastImport(dir, edits(commits));
  git(dir, ['repack', '-adfq', '--window=10', '--depth=50']);
  const packed = /^in-pack: (\d+)$/m.exec(git(dir, ['count-objects', '-v']));
  return Number(packed?.[1]);
}
