import { createCipheriv } from 'node:crypto';
import { commit } from './history.ts';
import { emptyRepository, fastImport } from './real-git.ts';

const documentBytes = 96 * 1024;
/** Packed, a document of random words takes about this share of its size. */
const packedShare = 0.42;
const documentsInCommit = 20;

/** Bytes nobody can guess, the same for the same seed everywhere. */
function noise(seed: number, bytes: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

/** A book of random words from a small vocabulary: compresses as source and prose do. Documents are pages cut out of it. */
function book(bytes: number): Buffer {
  const letters = noise(1, 20_000)
    .toString('base64')
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
  const words = Array.from({ length: 2000 }, (_, index) => letters.slice(index * 7, index * 7 + 2 + (index % 9)));
  const picks = noise(2, bytes / 2);
  const text: string[] = [];
  for (let at = 0, length = 0; length < bytes; at += 2) {
    const word = words[picks.readUInt16BE(at % (picks.length - 1)) % words.length] ?? '';
    text.push(word, at % 24 === 0 ? '\n' : ' ');
    length += word.length + 1;
  }
  return Buffer.from(text.join(''));
}

function* documentHistory(megabytes: number): Generator<Buffer> {
  const pages = book(48 * 1024 * 1024);
  const count = Math.round((megabytes * 1e6) / (documentBytes * packedShare));
  const places = noise(3, count * 4);
  for (let mark = 1; (mark - 1) * documentsInCommit < count; mark += 1) {
    const files: Record<string, Buffer> = {};
    for (let index = (mark - 1) * documentsInCommit; index < Math.min(count, mark * documentsInCommit); index += 1) {
      const start = places.readUInt32BE(index * 4) % (pages.length - documentBytes);
      files[`documents/${index % 97}/${index}.txt`] = pages.subarray(start, start + documentBytes);
    }
    yield commit({ ref: 'refs/heads/main', mark, files, parents: mark === 1 ? [] : [mark - 1] });
  }
}

/** A repo whose pack takes about `megabytes`, of documents that compress as texts do: what most large repos are made of. */
export async function documentRepository(dir: string, { megabytes = 700 } = {}): Promise<void> {
  emptyRepository(dir);
  await fastImport(dir, documentHistory(megabytes));
}
