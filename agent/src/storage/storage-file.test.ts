import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytesOf, streamOf } from './bytes.ts';
import { manifestName, storageFile } from './layout.ts';
import { openLocalStorage } from './local.ts';
import { openStorage, type OpenOptions } from './storage-file.ts';

const { signal } = new AbortController();
const empty = () => openLocalStorage(mkdtempSync(join(tmpdir(), 'gitprotect-open-')), { create: false });
const options = (more: Partial<OpenOptions> = {}): OpenOptions => ({
  expectId: null,
  recipients: ['age1agent', 'age1recovery'],
  signingKey: 'ssh-ed25519 AAAA',
  now: Date.UTC(2026, 2, 1),
  signal,
  ...more,
});

describe('opening a storage', () => {
  test('marks an empty one as ours, once', async () => {
    await using storage = await empty();
    const made = await openStorage(storage, options());
    expect(made).toMatchObject({ format: 1, createdAt: '2026-03-01T00:00:00.000Z', recipients: ['age1agent', 'age1recovery'] });
    expect(await openStorage(storage, options({ recipients: ['age1other'] }))).toEqual(made);
    expect(await openStorage(storage, options({ expectId: made.id }))).toEqual(made);
    const text = (await bytesOf(await storage.get(storageFile, { signal }), 1e6, storageFile)).toString();
    for (const tool of ['age -d', 'zstd -d', 'git index-pack']) expect(text).toContain(tool);
  });

  test('gives all who open an empty one at the same time the same storage', async () => {
    await using storage = await empty();
    const opened = await Promise.all(Array.from({ length: 8 }, () => openStorage(storage, options())));
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
  });

  test('takes an empty folder where backups were for a disk that is not mounted', async () => {
    await using storage = await empty();
    await expect(openStorage(storage, options({ expectId: 'abc' }))).rejects.toMatchObject({ code: 'storage-missing' });
    expect(await storage.stat(storageFile)).toBeUndefined();
  });

  test('refuses another storage, one of a newer release, and what is none', async () => {
    await using storage = await empty();
    await openStorage(storage, options());
    await expect(openStorage(storage, options({ expectId: 'abc' }))).rejects.toMatchObject({ code: 'storage-foreign' });
    for (const [content, words] of [
      ['{"format":2}', 'newer release'],
      ['{"format":1}', 'not one of ours'],
      ['[]', 'not one of ours'],
      ['x', 'not one of ours'],
    ] as const) {
      await using other = await empty();
      await other.put(storageFile, streamOf(content), { signal });
      await expect(openStorage(other, options())).rejects.toMatchObject({
        code: 'storage-foreign',
        message: expect.stringContaining(words),
      });
    }
  });

  test('refuses backups that have lost their mark, rather than starting anew on top of them', async () => {
    await using storage = await empty();
    await storage.put(manifestName({ serverId: 's', repoId: 1 }, '00000001'), streamOf('x'), { signal });
    await expect(openStorage(storage, options())).rejects.toMatchObject({
      code: 'storage-foreign',
      message: expect.stringContaining(storageFile),
    });
  });
});
