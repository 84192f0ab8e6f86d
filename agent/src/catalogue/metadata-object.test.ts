import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newMetadataName } from '../storage/layout.ts';
import { sealed } from '../storage/sealed.ts';
import { namesIn } from '../storage/storage-contract.ts';
import { contentHash, indexLine, readIndexLine } from './metadata-index.ts';
import { readMetadata, writeMetadata } from './metadata-object.ts';
import type { MetadataRecord } from './metadata-record.ts';
import { newStorage, openSample, repo, type Sample, signal } from './sample.ts';

async function* stream(records: MetadataRecord[]): AsyncGenerator<MetadataRecord> {
  yield* records;
}

async function write({ storage, keys }: Sample, records: MetadataRecord[]) {
  const link = await writeMetadata(sealed(storage, keys), newMetadataName(repo, '00000001'), stream(records), { signal });
  if (link === null) throw new Error('nothing was written');
  return link;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const label = (key: string, value: unknown) => ({ kind: 'labels', key, value });

test('of records written more than once the last one stands, and one that is gone is not read', async () => {
  const sample = await openSample();
  const chain = [
    await write(sample, [label('a', 1), label('b', 'Äpfel\n'), label('c', null)]),
    await write(sample, [label('a', 2), { kind: 'labels', key: 'c', gone: true }]),
  ];
  expect(await all(readMetadata(sample, chain, { signal }))).toEqual([label('a', 2), label('b', 'Äpfel\n')]);
  expect(await all(readMetadata(sample, chain, { signal, kinds: ['hooks'] }))).toEqual([]);
});

test('no records, no object', async () => {
  const storage = await newStorage();
  const { keys } = await openSample();
  expect(await writeMetadata(sealed(storage, keys), newMetadataName(repo, '00000001'), stream([]), { signal })).toBeNull();
  expect(await namesIn(storage)).toEqual([]);
});

test('a source that fails leaves no object', async () => {
  const { storage, keys } = await openSample();
  const failing = async function* (): AsyncGenerator<MetadataRecord> {
    yield label('a', 1);
    throw new Error('cut');
  };
  await expect(writeMetadata(sealed(storage, keys), newMetadataName(repo, '00000001'), failing(), { signal })).rejects.toThrow('cut');
  expect(await namesIn(storage)).toEqual(['gitprotect.json']);
});

test('age and zstd read it, a line of JSON each', async () => {
  const sample = await openSample();
  const { object } = await write(sample, [label('a', 1), label('b', 2)]);
  const key = join(sample.storage.place, 'key');
  writeFileSync(key, sample.keys.identity.reveal(), { mode: 0o600 });
  const bytes = execFileSync('age', ['-d', '-i', key], { input: readFileSync(join(sample.storage.place, object)) });
  const lines = execFileSync('zstd', ['-dc'], { input: bytes }).toString().trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([label('a', 1), label('b', 2)]);
});

test('damage names the object', async () => {
  const sample = await openSample();
  const link = await write(sample, [label('a', 1)]);
  const damaged = { code: 'backup-damaged', facts: { object: link.object } };
  await expect(all(readMetadata(sample, [{ ...link, records: 2 }], { signal }))).rejects.toMatchObject(damaged);
  truncateSync(join(sample.storage.place, link.object), link.bytes - 1);
  await expect(all(readMetadata(sample, [link], { signal }))).rejects.toMatchObject(damaged);
  await sample.storage.remove(link.object);
  await expect(all(readMetadata(sample, [link], { signal }))).rejects.toMatchObject(damaged);
});

test('lines of the index read back as they were written', () => {
  const entry = fc.record(
    {
      kind: fc.constantFrom('labels', 'lfs-objects'),
      key: fc.stringMatching(/^[A-Za-z0-9.:_-]{1,40}$/),
      hash: fc.stringMatching(/^[0-9a-f]{16}$/),
      stamp: fc.string({ unit: 'binary' }),
    },
    { requiredKeys: ['kind', 'key', 'hash'] },
  );
  fc.assert(
    fc.property(entry, (one) => {
      expect(readIndexLine(indexLine(one))).toEqual(one);
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => void readIndexLine(text)));
});

test('the hash of a value does not depend on the order of its fields', () => {
  const reversed = (value: unknown): unknown =>
    typeof value !== 'object' || value === null || Array.isArray(value) ? value : Object.fromEntries(Object.entries(value).toReversed());
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(contentHash(reversed(value))).toBe(contentHash(value));
    }),
  );
  expect(contentHash({ a: [1, 2] })).not.toBe(contentHash({ a: [2, 1] }));
});
