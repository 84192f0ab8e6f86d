import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { inProcess } from '@gitprotect/agent/channel/dispatch';
import { openApp } from '@gitprotect/agent/app';
import { loadConfig, readEnvironment } from '@gitprotect/agent/config';
import { silentLog } from '@gitprotect/agent/lib/log';
import { handlersOf } from '@gitprotect/agent/handlers-of';
import { projectAddress, repoNamed } from '@gitprotect/agent/cli/resolve';
import { streamOf } from '@gitprotect/agent/storage/bytes';
import { manifestName } from '@gitprotect/agent/storage/layout';
import { openLocalStorage } from '@gitprotect/agent/storage/local';
import { AppError } from '@gitprotect/shared/errors';
import { methods, type Method } from '@gitprotect/shared/protocol';
import { ProjectKey, RepoSlug } from '@gitprotect/shared/repo';
import { Id } from '@gitprotect/shared/text';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stateOf } from '../home-state.ts';
import { prepare, type Prepared } from '../integration/prepared-home.ts';

/** Whatever somebody writes where a name belongs: it is refused as input, and never becomes a path, an option or an inside of ours. */
const nasty = fc.oneof(
  fc.constantFrom(
    '..',
    '../..',
    '.',
    '',
    '/',
    '/etc/passwd',
    '-rf',
    '--upload-pack=x',
    'a/../../b',
    'a\0b',
    'a\nb',
    '%2e%2e%2f',
    '..\\..',
    'C:\\x',
  ),
  fc.constantFrom(
    '~',
    '~/../x',
    '$(id)',
    '`id`',
    "'; drop table plans; --",
    '__proto__',
    'constructor',
    'toString',
    '\u202Egnp.exe',
    '\uD800',
    '𝕏',
    'CON',
  ),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.webUrl(),
);
/** The same in place of a whole value. */
const anything = fc.oneof(nasty, fc.anything({ maxDepth: 2 }), fc.constant(undefined));

describe('a name from outside', () => {
  test('that passes as an id, key or slug is one part of a path, and no option', () => {
    for (const schema of [Id, ProjectKey, RepoSlug]) {
      fc.assert(
        fc.property(nasty, (text) => {
          const name = fits(schema, text) ? text : 'refused';
          expect(resolve('/root', name)).toBe(`/root${sep}${name}`);
          expect(encodeURIComponent(name)).toBe(name);
        }),
        { numRuns: 2000 },
      );
    }
    for (const text of ['-rf', '..', '.', 'a/b', 'a b', '']) expect([fits(Id, text), fits(ProjectKey, text)]).toEqual([false, false]);
  });

  test('on the command line is a repo of two plain parts, or refused in words', () => {
    fc.assert(
      fc.property(nasty, nasty, (key, slug) => {
        const { projectKey, slug: name } = wordsOr(() => repoNamed(`${key}/${slug}`)) ?? { projectKey: 'none', slug: 'none' };
        expect(resolve('/root', projectKey, name)).toBe(`/root/${projectKey}/${name}`);
      }),
      { numRuns: 2000 },
    );
  });

  test('in the address of a project is a key, or refused in words', async () => {
    const server = { id: 'server-1', url: 'https://bitbucket.example.com', version: null, hasCa: false, addedAt: '2026-01-01T00:00:00Z' };
    const call = (async () => [server]) as unknown as Parameters<typeof projectAddress>[0];
    await fc.assert(
      fc.asyncProperty(
        nasty,
        fc.constantFrom('', `${server.url}/projects/`, `${server.url}/users/`, `${server.id}/`),
        async (text, before) => {
          const outcome: unknown = await projectAddress(call, before + text).catch((error: unknown) => error);
          const key = outcome instanceof AppError ? 'refused' : (outcome as { key: string }).key;
          expect(fits(ProjectKey, key)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('makes no object of a storage that lies outside of it', async () => {
    const root = mkdtempSync(join(tmpdir(), 'gitprotect-names-'));
    await using storage = await openLocalStorage(join(root, 'storage'), { create: true });
    const { signal } = new AbortController();
    await fc.assert(
      fc.asyncProperty(nasty, nasty, async (server, snapshot) => {
        const name = manifestName({ serverId: server, repoId: 7 }, snapshot);
        const before = readdirSync(root);
        // What is refused is refused before anything is made.
        await storage.put(name, streamOf('x'), { signal }).catch(() => undefined);
        expect(readdirSync(root)).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the calls of the protocol', () => {
  let world: Prepared;
  let home: string;
  beforeAll(async () => {
    world = await prepare();
    home = world.home();
  });
  afterAll(async () => world[Symbol.asyncDispose]());

  test('take whatever is put into them: refused as input, never an error of the inside, and nothing changes', async () => {
    const { config, secrets } = await loadConfig(readEnvironment({ PATH: process.env['PATH'], GITPROTECT_HOME: home }));
    const stop = new AbortController();
    await using app = await openApp({ config, secrets, log: silentLog });
    const call = inProcess(handlersOf(app, { port: () => null, stop: () => undefined, signal: stop.signal }));
    const before = stateOf(home);
    const roots = readdirSync(world.root);
    /** What a call with such parameters may rightly do is no matter here: it would change something, or reach out. */
    const names = Object.keys(methods).filter(
      (name): name is Method =>
        !/^(?:agent\.stop|server\.add|restore\.to-folder|recovery-key\.(?:print|replace)|storage\.(?:add|add-folder|host-key)|upkeep\.run)$/.test(
          name,
        ) && !name.startsWith('page.'),
    );
    for (const name of names) {
      const fields = Object.keys((methods[name].params as { entries?: object }).entries ?? {});
      if (fields.length === 0) continue;
      const params = fc.record(Object.fromEntries(fields.map((field) => [field, anything])), { requiredKeys: [] });
      await fc.assert(
        fc.asyncProperty(params, async (given) => {
          const error: unknown = await call(name, given as never).catch((refusal: unknown) => refusal);
          expect(error).not.toMatchObject({ code: 'internal' });
        }),
        { numRuns: 40 },
      );
    }
    // Beyond what the database can hold: found by chance once, so no longer left to it.
    for (const limit of [2 ** 53, 2 ** 63, 1e300])
      await expect(call('snapshot.list', { limit })).rejects.toMatchObject({ code: 'bad-request' });
    // A folder that no storage may lie in, whatever it is to be called: in a good one it is rightly made. Without `-folder`, none is taken at all.
    const folders = ['..', 'storage', './x', ''];
    await fc.assert(
      fc.asyncProperty(anything, fc.constantFrom(...folders), fc.boolean(), async (name, folder, whole) => {
        const adding = whole
          ? call('storage.add', { name, settings: { kind: 'folder', folder } } as never)
          : call('storage.add-folder', { name, folder } as never);
        await expect(adding).rejects.toMatchObject({ code: 'bad-request' });
      }),
      {
        numRuns: 100,
        // With a good name, so that it is the folder that is refused.
        examples: [['relative', 'storage', true], ...folders.map((folder): [string, string, boolean] => ['relative', folder, false])],
      },
    );
    expect(stateOf(home)).toEqual(before);
    expect(readdirSync(world.root)).toEqual(roots);
    expect(readdirSync(join(home)).filter((name) => name.includes('..'))).toEqual([]);
  });
});

/** Whether a schema of ours takes the text. */
function fits(schema: typeof Id | typeof ProjectKey | typeof RepoSlug, text: string): boolean {
  const result = schema['~standard'].validate(text);
  return !(result instanceof Promise) && result.issues === undefined;
}

/** The result, or `null` for a refusal in words; any other error is a fault. */
function wordsOr<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
