import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fsck } from '@gitprotect/agent/git/git';
import { gitConnections, undiciTransport } from '@gitprotect/agent/git/http';
import { listRefs } from '@gitprotect/agent/git/list-refs';
import { readRefs, rebuild } from '@gitprotect/agent/git/rebuild';
import type { Dialect, GitTransport } from '@gitprotect/agent/git/transport';
import { repositoryFixtures } from '../repositories/fixtures.ts';
import { allRefs, git } from '../repositories/real-git.ts';
import { serveRepositories, type RepositoryServer } from '../repositories/serve.ts';
import { packsOf, save, type Saved } from './chain.ts';

const root = mkdtempSync(join(tmpdir(), 'engine-'));
const connections = gitConnections();
const { signal } = new AbortController();
const host = { machine: { PATH: process.env['PATH'] ?? '' }, signal };
let server: RepositoryServer;
/** A server from before protocol 2: it never hears that the client speaks it. */
let oldServer: RepositoryServer;

beforeAll(async () => {
  server = await serveRepositories(root);
  oldServer = await serveRepositories(root, (request) => {
    delete request.headers['git-protocol'];
    return false;
  });
});

afterAll(async () => {
  await connections.close();
  await server[Symbol.asyncDispose]();
  await oldServer[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

function folder(name: string): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  return path;
}

async function rebuilt(name: string, { listing, links }: Saved): Promise<string> {
  const dir = folder(name);
  await rebuild(dir, { ...listing, packs: packsOf(links) }, host);
  return dir;
}

const withoutHead = (dir: string): string[] => allRefs(dir).filter((text) => !text.includes('HEAD'));
const transportTo = (name: string, from = server): GitTransport =>
  undiciTransport({ url: from.url(name), token: null, dispatcher: connections });

/** How many objects come new where each is told from what was there before. */
const newObjects: Readonly<Record<string, number>> = {
  'thousands of commits': 150,
  '20,000 refs': 50,
  'tags only': 21,
  'tags of blobs only': 1,
};

describe.each(repositoryFixtures.map((fixture, index) => ({ fixture, index })))('a repo: $fixture.name', ({ fixture, index }) => {
  const source = join(root, `${index}.git`);
  const transport = (): GitTransport => transportTo(`${index}.git`);
  let first: Saved;
  let second: Saved;

  beforeAll(async () => {
    await fixture.create(source);
  });

  test('comes back from its first backup with every ref', async () => {
    first = await save(transport(), folder(`${index}-bundles`));
    const copy = await rebuilt(`${index}-first.git`, first);
    expect(allRefs(copy)).toEqual(allRefs(source));
    expect(await readRefs(copy, host)).toEqual({ refs: first.listing.refs, head: first.listing.head });
    expect(await fsck(copy, host)).toMatchObject({ whole: true, lost: [] });
    expect(await fsck(copy, host, { full: true })).toEqual(await fsck(source, host, { full: true }));
  });

  test('has a first bundle that stock git verifies and clones', () => {
    expect(first.links).toHaveLength(first.listing.refs.size === 0 ? 0 : 1);
    const cloned = first.links.map(({ file }) => {
      git(source, ['bundle', 'verify', file]);
      const clone = folder(`${index}-clone.git`);
      git(clone, ['clone', '--quiet', '--mirror', file, '.']);
      return withoutHead(clone);
    });
    expect(cloned).toEqual(first.links.map(() => withoutHead(source)));
  });

  test('costs one request and no parsing while nothing changes', async () => {
    const { bodyHash, dialect, objectFormat } = first.listing;
    const before = server.requests.length;
    expect(await listRefs(transport(), { signal, dialect, objectFormat, expect: bodyHash })).toMatchObject({
      unchanged: true,
      requests: 1,
    });
    expect(server.requests.slice(before)).toEqual(['POST git-upload-pack']);
  });

  test('comes back in both states from the chain after it changed', async () => {
    const firstRefs = allRefs(source);
    await fixture.change?.(source);
    second = await save(transport(), folder(`${index}-bundles`), first);
    const copy = await rebuilt(`${index}-second.git`, second);
    expect(allRefs(copy)).toEqual(allRefs(source));
    expect(await fsck(copy, host)).toMatchObject({ whole: true, lost: [] });
    const earlier = await rebuilt(`${index}-earlier.git`, { listing: first.listing, plan: first.plan, links: second.links });
    expect(allRefs(earlier)).toEqual(firstRefs);
  });

  test.runIf(fixture.name in newObjects)('has an increment of only what is new', () => {
    expect(second.links.at(1)?.objectCount).toBe(newObjects[fixture.name]);
  });

  // Stock git reads the header of a bundle byte by byte, several times: of so many refs the first bundle is enough.
  test.skipIf(fixture.name === '20,000 refs')('has an increment that stock git verifies and fetches into the first state', () => {
    const notFetched = second.links.slice(1).flatMap(({ file, header }) => {
      const clone = join(root, `${index}-clone.git`);
      git(clone, ['bundle', 'verify', file]);
      git(clone, ['fetch', '--quiet', '--prune', '--update-head-ok', file, '+refs/*:refs/*']);
      const input = header.refs.map(([, oid]) => `${oid}\n`).join('');
      return git(clone, ['cat-file', '--batch-check'], input)
        .split('\n')
        .filter((text) => text.endsWith('missing'));
    });
    expect(notFetched).toEqual([]);
  });

  test.each<Dialect>(['get-post', 'v0'])('lists and saves the same by the other ways to ask: %s', async (dialect) => {
    const from = dialect === 'v0' ? oldServer : server;
    const saved = await save(transportTo(`${index}.git`, from), folder(`${index}-${dialect}`), undefined, dialect);
    expect(saved.listing.dialect).toBe(dialect);
    expect(saved.listing.refs).toEqual(second.listing.refs);
    const copy = await rebuilt(`${index}-${dialect}.git`, saved);
    // Only protocol 2 tells what an unborn HEAD names: the first line is left out.
    expect(allRefs(copy).slice(1)).toEqual(allRefs(source).slice(1));
    expect(await fsck(copy, host)).toMatchObject({ whole: true, lost: [] });
  });
});
