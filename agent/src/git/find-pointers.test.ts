import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rmSync } from 'node:fs';
import { findPointers } from './find-pointers.ts';

const host = { machine: { PATH: process.env['PATH'] ?? '' }, signal: new AbortController().signal };
const pointer = (index: number): string =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${index.toString(16).padStart(64, '0')}\nsize ${index}\n`;

function bareRepo(): { dir: string; write: (content: string | Buffer) => string } {
  const dir = mkdtempSync(join(tmpdir(), 'gitprotect-pointers-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  execFileSync('git', ['init', '--quiet', '--bare', dir]);
  return { dir, write: (input) => execFileSync('git', ['-C', dir, 'hash-object', '-w', '--stdin'], { input }).toString().trim() };
}

async function found(dir: string) {
  const all = [];
  for await (const one of findPointers(dir, host)) all.push(one);
  return all.toSorted((a, b) => a.bytes - b.bytes);
}

test('every pointer is found among blobs of all sizes, though no commit has any of them', async () => {
  const { dir, write } = bareRepo();
  const others = ['', 'x', 'no pointer\n'.repeat(20), Buffer.alloc(1023, 0), Buffer.alloc(300_000, 10)];
  for (const other of others) write(other);
  const blobs = [7, 70, 700].map((index) => ({ oid: index.toString(16).padStart(64, '0'), bytes: index, blob: write(pointer(index)) }));
  expect(await found(dir)).toEqual(blobs);
});

test('thousands of them come whole, wherever the pieces of git’s answer end', async () => {
  const { dir } = bareRepo();
  const count = 3000;
  const stream = Array.from({ length: count }, (_, index) => {
    const text = pointer(index + 1);
    return `blob\ndata ${text.length}\n${text}\n`;
  });
  execFileSync('git', ['-C', dir, 'fast-import', '--quiet'], { input: stream.join('') });
  const all = await found(dir);
  expect(all.map(({ bytes }) => bytes)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  expect(all.every(({ oid, bytes }) => Number.parseInt(oid, 16) === bytes)).toBe(true);
});

test('a repo without objects has none', async () => {
  expect(await found(bareRepo().dir)).toEqual([]);
});
