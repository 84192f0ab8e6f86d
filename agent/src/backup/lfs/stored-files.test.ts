import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { newId } from '../../lib/id.ts';
import { openSample, repo, signal } from '../../catalogue/sample.ts';
import { altered } from '../../storage/altered.ts';
import { streamOf } from '../../storage/bytes.ts';
import { lfsName } from '../../storage/layout.ts';
import { sealed } from '../../storage/sealed.ts';
import { StoredFiles } from './stored-files.ts';

const oidOf = (content: string): string => createHash('sha256').update(content).digest('hex');
const { serverId } = repo;

/** A storage whose large files count how often they are read. */
async function stage() {
  const sample = await openSample();
  const { storage, keys } = sample;
  const reads: string[] = [];
  const counting = altered(storage, {
    get: (name, options) => {
      if (name.includes('/lfs/')) reads.push(name);
      return storage.get(name, options);
    },
  });
  const put = async (content: string, oid = oidOf(content)) => {
    const name = lfsName(serverId, oid);
    const { sha256 } = await sealed(storage, keys).put(name, streamOf(content), { signal });
    return { name, sha256 };
  };
  return { sample, put, reads, files: new StoredFiles({ storage: counting, keys }, sample.ledger) };
}

test('a large file of a run that broke off is read once in a run; one that is gone, and one that is another, are told apart', async () => {
  const { put, reads, files } = await stage();
  const left = await put('left');
  await put('changed', oidOf('written'));
  const asked = [oidOf('left'), oidOf('written'), oidOf('removed meanwhile')];
  expect(await files.unlisted(serverId, asked, signal)).toEqual({ found: [left], gone: [oidOf('removed meanwhile')] });
  expect(await files.unlisted(serverId, [oidOf('left')], signal)).toEqual({ found: [left], gone: [] });
  expect(reads.filter((name) => name === left.name)).toHaveLength(1);
});

test('a large file that another agent has listed since is not read', async () => {
  const { sample, put, reads, files } = await stage();
  const listed = await put('listed');
  const other = await openSample(sample);
  await other.ledger.append(serverId, { id: newId('run'), added: [listed] }, signal);
  expect(await files.unlisted(serverId, [oidOf('listed')], signal)).toEqual({ found: [], gone: [] });
  expect(reads).toEqual([]);
});
