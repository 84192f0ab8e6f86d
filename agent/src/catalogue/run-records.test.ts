import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { streamOf } from '../storage/bytes.ts';
import { newProjectMetadataName, runRecordName } from '../storage/layout.ts';
import { sealed } from '../storage/sealed.ts';
import { writeMetadata } from './metadata-object.ts';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { findRun, listRunRecords, readRunRecord } from './run-records.ts';
import { type RunRecord, writeRunRecord } from './run-record.ts';
import { openSample, type Sample, signal } from './sample.ts';

const record = (runId: string, day: number, projects: RunRecord['projects'] = []): RunRecord => ({
  format: 1,
  server: { id: 's1', url: 'https://bitbucket.example.com' },
  runId,
  planName: 'Nightly',
  state: 'succeeded',
  startedAt: `2026-03-0${day}T02:00:00.000Z`,
  endedAt: `2026-03-0${day}T02:01:00.000Z`,
  repos: [],
  projects,
});

async function write(sample: Sample, ...records: RunRecord[]): Promise<void> {
  for (const one of records) await writeRunRecord(sample, one, [], signal);
}

const fileOf = ({ storage }: Sample, runId: string) => join(storage.place, runRecordName('s1', runId));

test('the record that stands for a time is of the last run that had begun', async () => {
  const sample = await openSample();
  await write(sample, record('run_c', 1), record('run_a', 3), record('run_b', 2));
  const find = async (at?: string) => (await findRun(sample, 's1', at === undefined ? {} : { at: Date.parse(at) }, signal)).runId;
  expect(await find()).toBe('run_a');
  expect(await find('2026-03-03T01:59:59Z')).toBe('run_b');
  expect(await find('2026-03-02T02:00:00Z')).toBe('run_b');
  await expect(find('2026-02-01T00:00:00Z')).rejects.toMatchObject({ code: 'not-found' });
  expect((await findRun(sample, 's1', { runId: 'run_c' }, signal)).startedAt).toBe('2026-03-01T02:00:00.000Z');
  await expect(findRun(sample, 's1', { runId: 'run_z' }, signal)).rejects.toMatchObject({ code: 'not-found' });
});

test('what was read of projects is in it, and only of those projects', async () => {
  const sample = await openSample();
  const records = async function* () {
    yield { kind: 'labels', key: '-', value: [] };
  };
  const metadata = await writeMetadata(sealed(sample.storage, sample.keys), newProjectMetadataName('s1', 'project_1', 'run_a'), records(), {
    signal,
  });
  const project = { id: 'project_1', key: 'ORCH', name: 'Orchard', kinds: { labels: { state: 'saved', records: 1 } as const }, metadata };
  await write(sample, record('run_a', 1, [project]), record('run_b', 2, [{ ...project, id: 'project_2' }]));
  expect((await readRunRecord(sample, 's1', 'run_a', signal)).projects).toEqual([project]);
  await expect(readRunRecord(sample, 's1', 'run_b', signal)).rejects.toMatchObject({ code: 'backup-damaged' });
});

test('a record from before projects were known reads as one without', async () => {
  const sample = await openSample();
  const { projects: _, ...older } = record('run_a', 1);
  const bytes = await promisify(zstdCompress)(JSON.stringify(older));
  await sealed(sample.storage, sample.keys).put(runRecordName('s1', 'run_a'), streamOf(bytes), { signal });
  expect(await readRunRecord(sample, 's1', 'run_a', signal)).toEqual(record('run_a', 1));
});

test('a record that is damaged, or was moved to another run, is named and hides no other', async () => {
  const sample = await openSample();
  await write(sample, record('run_a', 1), record('run_b', 2), record('run_c', 3));
  writeFileSync(fileOf(sample, 'run_c'), 'rubbish');
  copyFileSync(fileOf(sample, 'run_a'), fileOf(sample, 'run_b'));
  for (const runId of ['run_b', 'run_c'])
    await expect(readRunRecord(sample, 's1', runId, signal)).rejects.toMatchObject({
      code: 'backup-damaged',
      facts: { object: runRecordName('s1', runId) },
    });
  expect((await listRunRecords(sample, 's1', signal)).map(({ runId }) => runId)).toEqual(['run_a']);
  expect((await findRun(sample, 's1', {}, signal)).runId).toBe('run_a');
});
