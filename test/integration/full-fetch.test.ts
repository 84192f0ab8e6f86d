import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FullFetch } from '@gitprotect/agent/backup/full-fetch';
import type { FetchParts } from '@gitprotect/agent/backup/fetch-bundle';
import { newKeys } from '@gitprotect/agent/catalogue/sample';
import { UnfinishedFulls } from '@gitprotect/agent/catalogue/unfinished';
import { openDatabase } from '@gitprotect/agent/db/database';
import { gitConnections, undiciTransport } from '@gitprotect/agent/git/http';
import { listRefs } from '@gitprotect/agent/git/list-refs';
import { openLocalStorage } from '@gitprotect/agent/storage/local';
import { sealed } from '@gitprotect/agent/storage/sealed';
import { line } from '../repositories/fixtures.ts';
import { emptyRepository, fastImport, git } from '../repositories/real-git.ts';
import { serveRepositories, type RepositoryServer } from '../repositories/serve.ts';

const root = mkdtempSync(join(tmpdir(), 'full-fetch-'));
const connections = gitConnections();
const { signal } = new AbortController();
const place = { serverId: 's1', repoId: 1 };
const at = { place, id: '00000001' };
let server: RepositoryServer;
let parts: FetchParts;
let unfinished: UnfinishedFulls;

beforeAll(async () => {
  server = await serveRepositories(root);
  const dir = join(root, 'tagged.git');
  emptyRepository(dir);
  await fastImport(dir, line('refs/heads/main', 1, 80));
  for (let back = 0; back < 80; back += 5) git(dir, ['tag', `v${80 - back}`, `refs/heads/main~${back}`]);
  const storage = sealed(await openLocalStorage(join(root, 'storage'), { create: true }), await newKeys());
  const transport = undiciTransport({ url: server.url('tagged.git'), token: null, dispatcher: connections });
  const access = { credentialIds: [], ask: async <T>(request: (to: typeof transport) => Promise<T>) => request(transport) };
  parts = { access, line: { dispatcher: connections }, storage, signal, onBytes: () => undefined };
});

afterAll(async () => {
  await connections.close();
  await server[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  unfinished = new UnfinishedFulls(openDatabase(':memory:'));
  server.requests.length = 0;
});

async function listed() {
  const listing = await parts.access.ask((transport) => listRefs(transport, { signal }));
  if (listing.unchanged) throw new Error('nothing was expected');
  return listing;
}

const fetches = (): number => server.requests.filter((line) => line.startsWith('POST')).length;

test('a backup of a huge lot of objects goes in pieces from the start, and a later one goes on from them', async () => {
  const listing = await listed();
  const counted: number[] = [];
  const first = new FullFetch(unfinished, 100);
  server.requests.length = 0;
  const whole = await first.fetch(listing, at, { ...parts, onBytes: (total) => counted.push(total) });
  expect(whole.links.map(({ kind }) => kind)).toEqual(['full', ...Array.from({ length: 7 }, () => 'incremental')]);
  // One that was not taken, and eight that were.
  expect(fetches()).toBe(9);
  expect(first.progressed()).toBe(true);
  // After the beginning of the one that was not taken, it counts on from piece to piece.
  const [, ...taken] = counted;
  expect(taken).toEqual(taken.toSorted((a, b) => a - b));

  const again = await new FullFetch(unfinished, 100).fetch(listing, at, parts);
  expect(again).toEqual(whole);
  expect(fetches()).toBe(9);
});

test('what is left in storage of one that cannot be gone on from is no part of the next', async () => {
  const listing = await listed();
  const { links } = await new FullFetch(unfinished, 100).fetch(listing, at, parts);
  const later = await new FullFetch(unfinished).fetch(listing, { place, id: '00000002' }, parts);
  expect(later.links).toHaveLength(1);

  await new FullFetch(unfinished, 100).fetch(listing, at, parts);
  await parts.storage.remove(links[3]?.object ?? '');
  const lost = await unfinished.find(place, at.id);
  await parts.storage.remove(lost?.links[3]?.object ?? '');
  const after = await new FullFetch(unfinished).fetch(listing, at, parts);
  expect(after.links).toHaveLength(1);
});

test('a small backup is not written down', async () => {
  await new FullFetch(unfinished).fetch(await listed(), at, parts);
  expect(await unfinished.find(place, at.id)).toBeUndefined();
});
