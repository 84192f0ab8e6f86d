import { AppError } from '@gitprotect/shared/errors';
import { pointerLimit, readPointer, type LfsPointer } from './lfs-pointer.ts';
import type { GitHost } from './run-git.ts';
import { streamGit } from './stream-git.ts';

/** A pointer, and the blob it was found in. */
export interface FoundPointer extends LfsPointer {
  readonly blob: string;
}

/** The pointers among all blobs of the bare repo `dir`, whether a ref reaches them or not: every blob that is small enough is looked at. */
export async function* findPointers(dir: string, host: GitHost): AsyncGenerator<FoundPointer, void> {
  for await (const { oid, bytes } of blobs(dir, smallBlobs(dir, host), host)) {
    const pointer = readPointer(bytes);
    if (pointer !== null) yield { ...pointer, blob: oid };
  }
}

async function* smallBlobs(dir: string, host: GitHost): AsyncGenerator<Buffer, void> {
  const args = ['cat-file', '--batch-all-objects', '--unordered', '--batch-check=%(objectname) %(objecttype) %(objectsize)'];
  let rest = '';
  for await (const chunk of streamGit(dir, args, host)) {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    const wanted = lines
      .map((line) => line.split(' '))
      .filter(([, type, size]) => type === 'blob' && Number(size) > 100 && Number(size) < pointerLimit);
    if (wanted.length > 0) yield Buffer.from(wanted.map(([oid = '']) => `${oid}\n`).join(''));
  }
}

/** The output of `cat-file --batch`: `<oid> blob <size>`, the bytes, a line end, and so on. */
async function* blobs(dir: string, oids: AsyncIterable<Uint8Array>, host: GitHost): AsyncGenerator<{ oid: string; bytes: Buffer }, void> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of streamGit(dir, ['cat-file', '--batch', '--buffer'], host, oids)) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (let end = held.indexOf(10); end >= 0; end = held.indexOf(10)) {
      const [oid = '', type, size] = held.subarray(0, end).toString('latin1').split(' ');
      if (type !== 'blob') throw new AppError('git-failed', `git could not read an object it had listed: ${oid} ${type ?? ''}`);
      const from = end + 1;
      const to = from + Number(size);
      if (held.length <= to) break;
      yield { oid, bytes: held.subarray(from, to) };
      held = held.subarray(to + 1);
    }
  }
}
