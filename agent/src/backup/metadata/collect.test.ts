import { AppError } from '@gitprotect/shared/errors';
import { describe, expect, test } from 'vitest';
import type { KindReader, ReadRecord, SameRecord } from '../../bitbucket/metadata/kind-reader.ts';
import { readerOf } from '../../bitbucket/reader.ts';
import type { MetadataRecord } from '../../catalogue/metadata-record.ts';
import { Collection, type CollectOptions } from './collect.ts';

const nobody = () => Promise.reject(new Error('asks nothing'));
const reader = readerOf('https://bitbucket.example.com', { ask: nobody, text: nobody, bytes: nobody });
const access = { read: reader, admin: () => reader };

/** Gives these records, then fails where there is something to fail with. */
const giving = (kind: KindReader['kind'], records: (ReadRecord | SameRecord)[], failure?: Error): KindReader => ({
  kind,
  needs: 'read',
  operations: { repo: ['GET /x'] },
  async *read() {
    yield* records;
    if (failure !== undefined) throw failure;
  },
});

async function collect(readers: KindReader[], more: Partial<CollectOptions> = {}) {
  const scope = { projectKey: 'ORCH', slug: 'apples' };
  const { signal } = new AbortController();
  const collection = new Collection({ readers, access, scope, before: null, leaveOut: [], now: 0, signal, ...more });
  const records: MetadataRecord[] = [];
  for await (const record of collection.records()) records.push(record);
  return { records, ...collection.result() };
}

const pulls = [1, 2].map((id) => ({ key: String(id), stamp: `v${id}`, value: { id } }));

describe('a collection', () => {
  test('writes everything at first, and nothing when nothing changed', async () => {
    const first = await collect([giving('pull-requests', pulls)]);
    expect(first.records).toEqual(pulls.map(({ key, value }) => ({ kind: 'pull-requests', key, value })));
    expect(first.kinds).toMatchObject({ 'pull-requests': { state: 'saved', records: 2 }, 'commit-comments': { state: 'not-listable' } });
    const again = await collect([giving('pull-requests', [{ key: '1', same: true }, pulls[1] ?? { key: '', value: 0 }])], {
      before: first,
    });
    expect(again).toEqual({ ...first, records: [] });
  });

  test('says what is gone, but never of attachments, which nobody lists', async () => {
    const attachment = { kind: 'attachments' as const, key: '7', value: 'a' };
    const before = await collect([giving('pull-requests', [...pulls, attachment])]);
    const { records, kinds } = await collect([giving('pull-requests', pulls.slice(1))], { before });
    expect(records).toEqual([{ kind: 'pull-requests', key: '1', gone: true }]);
    expect(kinds).toMatchObject({ 'pull-requests': { records: 1 }, attachments: { state: 'saved', records: 1 } });
  });

  test.each([
    ['server-error', 'failed', 1],
    ['token-no-read', 'not-permitted', 1],
    ['not-found', 'not-available', 1],
  ] as const)('keeps what was saved before when a kind ends with %s', async (code, state, warnings) => {
    const before = await collect([giving('pull-requests', pulls)]);
    const after = await collect([giving('pull-requests', [], new AppError(code, 'no')), giving('labels', [])], { before });
    expect(after.records).toEqual([]);
    expect(after.index).toEqual(before.index);
    expect(after.kinds).toMatchObject({ 'pull-requests': { state }, labels: { state: 'saved', records: 0 } });
    expect(after.warnings).toHaveLength(warnings);
  });

  test('tells a reader that what is left out on the way to its kind is as good as known', async () => {
    const seen: unknown[] = [];
    const reading: KindReader = {
      ...giving('pull-requests', pulls),
      async *read(_, __, { stampOf }) {
        seen.push(stampOf('attachments', '7'));
        yield* pulls;
      },
    };
    await collect([reading]);
    await collect([reading], { leaveOut: ['attachments'] });
    expect(seen).toEqual([undefined, '']);
  });

  test('drops a kind that is left out, once', async () => {
    const before = await collect([giving('pull-requests', pulls)]);
    const out = await collect([giving('pull-requests', pulls)], { before, leaveOut: ['pull-requests'] });
    expect(out.records).toEqual(['1', '2'].map((key) => ({ kind: 'pull-requests', key, gone: true })));
    expect(out).toMatchObject({ index: [], kinds: { 'pull-requests': { state: 'left-out' } } });
    expect((await collect([giving('pull-requests', pulls)], { before: out, leaveOut: ['pull-requests'] })).records).toEqual([]);
  });

  test.each(['repo-not-found', 'token-rejected', 'throttled'] as const)('ends with %s', async (code) => {
    await expect(collect([giving('labels', [], new AppError(code, 'no'))])).rejects.toMatchObject({ code });
  });

  test('asks nobody for what only administrators see when none may be one', async () => {
    const hooks: KindReader = { ...giving('hooks', pulls), needs: 'admin' };
    const { kinds, records } = await collect([hooks], { access: { ...access, admin: () => null } });
    expect({ kinds, records }).toMatchObject({ kinds: { hooks: { state: 'not-permitted' } }, records: [] });
  });
});
