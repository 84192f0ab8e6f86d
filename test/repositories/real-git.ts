import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The same author, the same dates, no configuration of this machine: a fixture has the same object ids everywhere. */
export const gitEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  GIT_COMMITTER_DATE: '1700000000 +0000',
};

/** Runs the real git in the bare repo `dir` and returns what it prints, one byte a character, without the last line feed. */
export function git(dir: string, args: readonly string[], input?: string | Buffer): string {
  const output = execFileSync('git', args, {
    cwd: dir,
    env: gitEnvironment,
    input: input ?? '',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return output.toString('latin1').replace(/\n$/, '');
}

/** Makes `dir` an empty bare repo with HEAD at `main`. */
export function emptyRepository(dir: string, objectFormat = 'sha1'): void {
  mkdirSync(dir, { recursive: true });
  git(dir, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', `--object-format=${objectFormat}`]);
}

/** Feeds a `git fast-import` stream of any length. `compression` is zlib's level; 0 is quick, and no server packs so. */
export async function fastImport(
  dir: string,
  stream: Iterable<string | Buffer> | AsyncIterable<string | Buffer>,
  { compression = 0 } = {},
): Promise<void> {
  const child = spawn('git', ['-c', `core.compression=${compression}`, 'fast-import', '--quiet', '--force'], {
    cwd: dir,
    env: gitEnvironment,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  await pipeline(Readable.from(stream, { objectMode: true }), child.stdin);
  const code = await closed;
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}

/** Every ref with its object id, tags peeled too (`name^{}`), and HEAD with the branch it names: equal lists, equal repos. */
export function allRefs(dir: string): string[] {
  const named = /^ref: (.*)\n/.exec(readFileSync(join(dir, 'HEAD'), 'latin1'))?.[1];
  const head = named === undefined ? 'HEAD is detached' : `HEAD -> ${named}`;
  try {
    return [head, ...git(dir, ['show-ref', '--head', '--dereference']).split('\n')];
  } catch {
    // Exit code 1: not one ref.
    return [head];
  }
}

/** Turns the packs of a repo into one file an object, where single ones can be taken away. */
export function unpackAll(dir: string): void {
  const packs = join(dir, 'objects/pack');
  const contents = readdirSync(packs)
    .filter((name) => name.endsWith('.pack'))
    .map((name) => readFileSync(join(packs, name)));
  rmSync(packs, { recursive: true });
  mkdirSync(packs);
  for (const pack of contents) git(dir, ['unpack-objects', '-q'], pack);
}

/** The file of an object that is in no pack. */
export const looseObject = (dir: string, oid: string): string => join(dir, 'objects', oid.slice(0, 2), oid.slice(2));
