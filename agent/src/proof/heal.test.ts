import { createHash } from 'node:crypto';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { openSample, signal } from '../catalogue/sample.ts';
import { openDatabase } from '../db/database.ts';
import { sealAge } from '../storage/age.ts';
import { streamOf } from '../storage/bytes.ts';
import { lfsName } from '../storage/layout.ts';
import { sealed } from '../storage/sealed.ts';
import { giveUpFiles } from './heal.ts';

test('only a large file that nobody could restore is given up: not one that was read badly once, nor one that another key opens', async () => {
  const sample = await openSample();
  const { storage, keys, catalogue, ledger } = sample;
  const place = { id: 'sample', db: openDatabase(':memory:'), plain: storage, sealed: sealed(storage, keys), keys, catalogue, ledger };
  const stored = async (content: string, named: string, recipients: readonly string[]): Promise<string> => {
    const name = lfsName('s1', createHash('sha256').update(named).digest('hex'));
    await storage.put(name, sealAge(streamOf(content), recipients), { signal });
    return name;
  };
  const other = [await identityToRecipient(await generateX25519Identity())];
  const whole = await stored('whole', 'whole', keys.recipients);
  const foreign = await stored('foreign', 'foreign', other);
  const changed = await stored('something else', 'changed', keys.recipients);
  const gone = lfsName('s1', 'f'.repeat(64));
  const broken = [whole, foreign, changed, gone].map((object) => ({ object, message: 'its bytes are not those that were written' }));
  await giveUpFiles(place, 's1', broken, signal);
  const there = await Promise.all([whole, foreign, changed].map(async (name) => (await storage.stat(name)) !== undefined));
  expect(there).toEqual([true, true, false]);
});
