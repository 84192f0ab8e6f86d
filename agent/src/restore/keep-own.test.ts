import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepOwn } from './keep-own.ts';

const { signal } = new AbortController();
const host = { machine: { PATH: process.env['PATH'] ?? '' }, signal };
let dir: string;

beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'gitprotect-keep-own-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function git(args: readonly string[], input?: string): string {
  return execFileSync('git', ['-C', dir, ...args], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] }).trim();
}

/** A repo of one branch with two commits, and another branch that is not its own; packed, but for what is left out. */
function make(without?: string): { tip: string; other: string } {
  git(['init', '--bare', '--quiet']);
  const at = 'committer A <a@example.com> 0 +0000';
  const one = (mark: number, ref: string, from: string) =>
    `commit ${ref}\nmark :${mark}\n${at}\ndata 2\nx\n${from}M 644 inline f${mark}\ndata 2\n${mark}\n\n`;
  git(
    ['fast-import', '--quiet', '--force'],
    one(1, 'refs/heads/main', '') + one(2, 'refs/heads/main', 'from :1\n') + one(3, 'refs/heads/other', ''),
  );
  const [tip, other] = [git(['rev-parse', 'main']), git(['rev-parse', 'other'])];
  git(['update-ref', '-d', 'refs/heads/other']);
  const left = without === undefined ? '' : git(['rev-parse', without]);
  const all = git(['cat-file', '--batch-all-objects', '--batch-check=%(objectname)']);
  const before = readdirSync(join(dir, 'objects/pack'));
  git(
    ['pack-objects', '--quiet', 'objects/pack/pack'],
    `${all
      .split('\n')
      .filter((oid) => oid !== left)
      .join('\n')}\n`,
  );
  for (const name of before) rmSync(join(dir, 'objects/pack', name), { force: true });
  for (const name of readdirSync(join(dir, 'objects'))) if (name.length === 2) rmSync(join(dir, 'objects', name), { recursive: true });
  return { tip, other };
}

test('what its refs do not reach is dropped, all else stays', async () => {
  const { tip, other } = make();
  await keepOwn(dir, { tips: [tip], object: 'x' }, host);
  expect(git(['rev-list', '--count', 'main'])).toBe('2');
  expect(git(['cat-file', '--batch-all-objects', '--batch-check=%(objectname)'])).not.toContain(other);
});

test('a commit that is missing is damage, named, and nothing is left to see', async () => {
  const { tip } = make('main^');
  await expect(keepOwn(dir, { tips: [tip], object: 'the last of the chain' }, host)).rejects.toMatchObject({
    code: 'backup-damaged',
    message: expect.stringMatching(/missing/),
    facts: { object: 'the last of the chain' },
  });
  expect(readdirSync(dir)).toEqual([]);
});
