import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { newId } from '../lib/id.ts';
import { sealAge } from '../storage/age.ts';
import { bytesOf, streamOf } from '../storage/bytes.ts';
import { manifestName } from '../storage/layout.ts';
import { followLists } from './follow-lists.ts';
import { mainAt, newKeys, openSample, repo, signal, take } from './sample.ts';

test('a listed snapshot that this agent cannot open keeps the others from nobody', async () => {
  const one = await openSample();
  // Sealed for somebody else, as with a key that was taken out of the vault.
  const { recipients } = await newKeys();
  const name = manifestName({ ...repo, repoId: 7 }, '00000001');
  const bytes = await bytesOf(sealAge(streamOf('{}'), recipients), 1_000_000, name);
  await one.storage.put(name, streamOf(bytes), { signal });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await one.ledger.append(repo.serverId, { id: newId('run'), added: [{ name, sha256 }] }, signal);
  const { entry } = await take(one, mainAt('a'), { kind: 'full' });
  await one.ledger.append(repo.serverId, { id: newId('run'), added: [] }, signal);

  const other = await openSample(one);
  await other.ledger.catchUp(repo.serverId, signal);
  await followLists({ ...other, storageId: other.storageId }, signal);
  expect((await other.catalogue.list()).map(({ id }) => id)).toEqual([entry.snapshot.id]);
});
