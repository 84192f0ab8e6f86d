import { expect, test } from 'vitest';
import { cannedReader, firstRun, page, repoScope, type Canned, type CannedServer } from '../canned.ts';
import { collect } from '../collect.ts';
import type { ReadingOptions } from '../kind-reader.ts';
import { pullRequests } from './pull-requests.ts';

const base = '/rest/api/latest/projects/SHOP/repos/storefront';
const list = `${base}/pull-requests`;
const pull = (id: number, more: object = {}) => ({ id, version: 0, state: 'MERGED', toRef: { repository: { id: 6 } }, ...more });
const opened = (id: number) => ({ id: id * 1000, action: 'OPENED' });

/** A server with these pull requests; `more` answers what is asked besides. */
const serverOf =
  (pulls: readonly { readonly id: number }[], more: Readonly<Record<string, Canned>> = {}): CannedServer =>
  (path) => {
    if (more[path] !== undefined) return more[path];
    if (path === list) return { json: page(pulls) };
    const id = /\/pull-requests\/(\d+)\/activities$/.exec(path)?.[1];
    return id === undefined ? undefined : { json: page([opened(Number(id))]) };
  };

const read = async (server: CannedServer, options: Partial<ReadingOptions> = {}) => {
  const { reader, asked } = cannedReader(server);
  const records = await collect(pullRequests.read(reader, repoScope, { ...firstRun, ...options }));
  return { records, asked };
};

/** Remembers what was read, as a snapshot does. */
const after = async (server: CannedServer): Promise<Pick<ReadingOptions, 'stampOf'>> => {
  const { records } = await read(server);
  const stamps = new Map(
    records.map((record) => [`${record.kind ?? 'pull-requests'} ${record.key}`, 'stamp' in record ? record.stamp : '']),
  );
  return { stampOf: (kind, key) => stamps.get(`${kind} ${key}`) };
};

test('all are asked for, the oldest first, and each is kept with what happened in it', async () => {
  const { records, asked } = await read(serverOf([pull(1), pull(2)]));
  expect(records).toEqual(
    [1, 2].map((id) => ({ key: String(id), stamp: expect.any(String), value: { pullRequest: pull(id), activities: [opened(id)] } })),
  );
  expect(asked[0]).toBe(`${list}?limit=500&state=ALL&order=OLDEST&start=0`);
});

test('one whose stamp is known costs no request, one that changed costs one', async () => {
  const known = await after(serverOf([pull(1), pull(2), pull(3)]));
  const { records, asked } = await read(serverOf([pull(1), pull(2, { version: 1 }), pull(3)]), known);
  expect(records).toEqual([
    { key: '1', same: true },
    { key: '2', stamp: expect.any(String), value: { pullRequest: pull(2, { version: 1 }), activities: [opened(2)] } },
    { key: '3', same: true },
  ]);
  expect(asked).toHaveLength(2);
});

test('an activity that comes again on the next page is kept once; of two with one id both are', async () => {
  const activities = `${list}/1/activities`;
  const { reader } = cannedReader((path, { start }) => {
    if (path === list) return { json: page([pull(1)]) };
    if (path !== activities) return undefined;
    const first = [{ id: 3 }, { id: 2, action: 'COMMENTED' }];
    return {
      json:
        start === 0 ? page(first, { isLastPage: false, nextPageStart: 2 }) : page([{ id: 2, action: 'COMMENTED' }, { id: 3, x: 1 }, {}]),
    };
  });
  const [record] = await collect(pullRequests.read(reader, repoScope, firstRun));
  expect(record).toMatchObject({ value: { activities: [{ id: 3 }, { id: 2, action: 'COMMENTED' }, { id: 3, x: 1 }, {}] } });
});

test('one that is deleted between the list and its activities is left out', async () => {
  const gone = { status: 404, json: { errors: [{ exceptionName: 'com.atlassian.bitbucket.pull.NoSuchPullRequestException' }] } };
  const { records } = await read(serverOf([pull(1), pull(2)], { [`${list}/1/activities`]: gone }));
  expect(records.map(({ key }) => key)).toEqual(['2']);
});

test('a repo that is deleted meanwhile is no repo without pull requests', async () => {
  const gone = { status: 404, json: { errors: [{ exceptionName: 'com.atlassian.bitbucket.repository.NoSuchRepositoryException' }] } };
  await expect(read(serverOf([pull(1)], { [`${list}/1/activities`]: gone }))).rejects.toMatchObject({ code: 'repo-not-found' });
});

test('one that moved between pages comes once, and one that the list lost is asked for by itself', async () => {
  const known = await after(serverOf([pull(1), pull(2), pull(3), pull(4)]));
  const { records, asked } = await read(serverOf([pull(1), pull(1)], { [`${list}/3`]: { json: pull(3) } }), known);
  expect(records).toEqual([
    { key: '1', same: true },
    { key: '3', same: true },
  ]);
  expect(asked.slice(1)).toEqual([2, 3, 4].map((id) => `${list}/${id}?`));
});

test('ids that no snapshot holds are not asked for', async () => {
  const { asked } = await read(serverOf([pull(1), pull(900)]));
  expect(asked.filter((url) => /pull-requests\/\d+\?/.test(url))).toEqual([]);
});

test('an attachment comes once, before the pull request that leads to it, and is never asked for again', async () => {
  const description = '[log](attachment:6/5) attachment:6/404 attachment:6/%2A%20';
  const attachments = {
    [`${base}/attachments/5`]: { bytes: Buffer.from('hello'), contentType: 'text/plain' },
    [`${base}/attachments/5/metadata`]: { json: { id: 9, metadata: '{}' } },
    [`${base}/attachments/*%20`]: { status: 400, json: { errors: [] } },
  };
  const server = serverOf([pull(1, { description }), pull(2, { description })], attachments);
  const { records } = await read(server);
  expect(records.map(({ kind, key }) => [kind, key])).toEqual([
    ['attachments', '5'],
    [undefined, '1'],
    [undefined, '2'],
  ]);
  expect(records[0]).toEqual({
    kind: 'attachments',
    key: '5',
    stamp: '1',
    value: { id: '5', name: 'log', contentType: 'text/plain', base64: 'aGVsbG8=', metadata: { id: 9, metadata: '{}' } },
  });
  const changed = serverOf([pull(1, { description, version: 1 })], attachments);
  const again = await read(changed, await after(server));
  expect(again.asked.filter((url) => url.includes('/attachments/5'))).toEqual([]);
});

test('an attachment of an older server is asked for as published, then as a path', async () => {
  const server = serverOf([pull(1, { description: '![c](attachment:6/32e%2Focto+cat.png)' })], {
    [`${base}/attachments/32e/octo%20cat.png`]: { bytes: Buffer.from('x'), contentType: 'image/png' },
  });
  const { records, asked } = await read(server);
  expect(records[0]).toEqual({
    kind: 'attachments',
    key: expect.stringMatching(/^32e_octo_cat\.png-[0-9a-f]{16}$/),
    stamp: '1',
    value: { id: '32e/octo cat.png', name: 'c', contentType: 'image/png', base64: 'eA==' },
  });
  expect(asked.filter((url) => url.includes('/attachments/'))).toEqual(
    ['32e%2Focto%20cat.png', '32e/octo%20cat.png', '32e/octo%20cat.png/metadata'].map((path) => `${base}/attachments/${path}?`),
  );
});

test('an attachment too large to keep is named with its size', async () => {
  const bytes = new Uint8Array(32 * 1024 * 1024 + 1);
  const { records } = await read(serverOf([pull(1, { description: 'attachment:6/5' })], { [`${base}/attachments/5`]: { bytes } }));
  expect(records[0]).toEqual({ kind: 'attachments', key: '5', stamp: '1', value: { id: '5', tooLarge: bytes.length } });
});

test('an attachment that cannot be had for another reason fails the reading', async () => {
  const server = serverOf([pull(1, { description: 'attachment:6/5' })], { [`${base}/attachments/5`]: { status: 500 } });
  await expect(read(server)).rejects.toMatchObject({ code: 'server-error' });
});

test('a pull request without a usable id is refused', async () => {
  for (const id of [0, -1, 1.5, '1', null]) {
    await expect(read(serverOf([{ ...pull(1), id: id as number }]))).rejects.toMatchObject({ code: 'server-bad-answer' });
  }
});
