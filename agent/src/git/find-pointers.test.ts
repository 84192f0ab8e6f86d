import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findPointers, type FoundPointer } from './find-pointers.ts';
import { initBare } from './bare-repo.ts';
import { gitEnvironment } from './run-git.ts';
import { pathsOf } from './tree-paths.ts';

const host = { machine: { PATH: process.env['PATH'] ?? '' }, signal: new AbortController().signal };
const oidOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const pointerTo = (text: string): string => `version https://git-lfs.github.com/spec/v1\noid sha256:${oidOf(text)}\nsize ${text.length}\n`;
let dir: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pointers-'));
  await initBare(dir, 'sha1');
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function git(args: readonly string[], input = ''): string {
  return execFileSync('git', args, { env: gitEnvironment(host.machine, dir), input, encoding: 'utf8' }).trim();
}

const person = 'Ada <ada@example.org> 1700000000 +0000';
const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

/** Commits one after the other, each with these files instead of those before. */
function commit(...trees: readonly Readonly<Record<string, string>>[]): void {
  const stream = trees.map((files, index) => {
    const lines = Object.entries(files).map(([path, text]) => `M 100644 inline ${JSON.stringify(path)}\n${data(text)}`);
    const from = index === 0 ? '' : `from :${index}\n`;
    return `commit refs/heads/main\nmark :${index + 1}\ncommitter ${person}\n${data('x')}${from}deleteall\n${lines.join('')}\n`;
  });
  git(['fast-import', '--quiet'], stream.join(''));
}

async function found(repo = dir): Promise<FoundPointer[]> {
  const pointers: FoundPointer[] = [];
  for await (const pointer of findPointers(repo, host)) pointers.push(pointer);
  return pointers;
}

describe('pointers in a repo', () => {
  test('are found in every commit, also where no file of today and no ref leads to them', async () => {
    commit(
      { 'a/old.bin': pointerTo('old') },
      { 'b/new.bin': pointerTo('new'), 'text.txt': 'no pointer\n', 'big.txt': 'version https://git-lfs.github.com/spec/v1\n'.repeat(30) },
    );
    git(['hash-object', '-w', '--stdin'], pointerTo('nowhere'));
    const pointers = await found();
    expect(Object.fromEntries(pointers.map(({ oid, bytes }) => [oid, bytes]))).toEqual({
      [oidOf('old')]: 3,
      [oidOf('new')]: 3,
      [oidOf('nowhere')]: 7,
    });
    expect(pointers).toHaveLength(3);
  });

  test('are told by the path they had in any commit, and by none where no commit has them', async () => {
    commit({ 'a/ünï ✓/old.bin': pointerTo('old') }, { 'b/new.bin': pointerTo('new') });
    git(['hash-object', '-w', '--stdin'], pointerTo('nowhere'));
    const pointers = await found();
    const paths = await pathsOf(dir, new Set(pointers.map(({ blob }) => blob)), host);
    expect(Object.fromEntries(pointers.map(({ oid, blob }) => [oid, paths.get(blob)]))).toEqual({
      [oidOf('old')]: 'a/ünï ✓/old.bin',
      [oidOf('new')]: 'b/new.bin',
      [oidOf('nowhere')]: undefined,
    });
  });

  test('have a path also where the history before them is not there', async () => {
    commit({ 'a/one.bin': pointerTo('one'), 'c/same.txt': 'same\n' }, { 'a/two.bin': pointerTo('two'), 'c/same.txt': 'same\n' });
    const part = mkdtempSync(join(tmpdir(), 'pointers-part-'));
    try {
      await initBare(part, 'sha1');
      const pack = execFileSync('git', ['pack-objects', '--revs', '--stdout', '--quiet'], {
        env: gitEnvironment(host.machine, dir),
        input: 'refs/heads/main\n^refs/heads/main~1\n',
      });
      execFileSync('git', ['index-pack', '--stdin'], {
        env: gitEnvironment(host.machine, part),
        input: pack,
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      const pointers = await found(part);
      expect(pointers.map(({ oid }) => oid)).toEqual([oidOf('two')]);
      const paths = await pathsOf(part, new Set(pointers.map(({ blob }) => blob)), host);
      expect([...paths.values()]).toEqual(['a/two.bin']);
    } finally {
      rmSync(part, { recursive: true, force: true });
    }
  });

  test('are none in an empty repo', async () => {
    expect(await found()).toEqual([]);
  });
});
