import { createCipheriv } from 'node:crypto';
import { commit } from './history.ts';
import { emptyRepository, fastImport } from './real-git.ts';

/** A megabyte nothing compresses, the same for the same number everywhere. */
function noise(seed: number, bytes: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

function* bigHistory(megabytes: number, commits: number): Generator<Buffer> {
  const share = Math.round((megabytes * 1024 * 1024) / commits);
  for (let mark = 1; mark <= commits; mark += 1) {
    yield commit({
      ref: 'refs/heads/main',
      mark,
      files: { [`assets/${mark}.bin`]: noise(mark, share) },
      parents: mark === 1 ? [] : [mark - 1],
    });
    // Tags on the way: where a first backup may be cut into pieces.
    if (mark % Math.ceil(commits / 10) === 0) yield Buffer.from(`reset refs/tags/v${mark}\nfrom :${mark}\n\n`);
  }
}

/** A repo of `megabytes` of incompressible blobs, in as many commits: for the bench. */
export async function bigRepository(dir: string, { megabytes = 700, commits = 700 } = {}): Promise<void> {
  emptyRepository(dir);
  await fastImport(dir, bigHistory(megabytes, commits));
}
