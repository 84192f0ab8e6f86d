import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { streamOf } from './bytes.ts';
import { openLocalStorage } from './local.ts';
import { isObjectName } from './object-name.ts';
import { namesIn, testStorage } from './storage-contract.ts';

const signal = new AbortController().signal;
const folder = (): string => mkdtempSync(join(tmpdir(), 'gitprotect-storage-'));
const fresh = () => openLocalStorage(folder(), { create: false });

/** Everything below a folder, hidden files too. */
const filesIn = (place: string): string[] =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

describe('a storage in a folder', () => {
  testStorage(fresh);

  test('is made where it is not there, for its owner alone', async () => {
    const place = join(folder(), 'new', 'storage');
    await using storage = await openLocalStorage(place, { create: true });
    await storage.put('a/x', streamOf('x'), { signal });
    for (const name of ['.', 'a', 'a/x']) expect(statSync(join(place, name)).mode & 0o077).toBe(0);
  });

  test('that is not there is missing, at opening and ever after', async () => {
    const place = folder();
    await expect(openLocalStorage(join(place, 'none'), { create: false })).rejects.toMatchObject({ code: 'storage-missing' });
    await using storage = await openLocalStorage(place, { create: false });
    renameSync(place, `${place}-unmounted`);
    const missing = { code: 'storage-missing', message: expect.stringContaining(place) };
    await expect(storage.put('a/x', streamOf('x'), { signal })).rejects.toMatchObject(missing);
    await expect(storage.get('a/x', { signal })).rejects.toMatchObject(missing);
    await expect(storage.stat('a/x')).rejects.toMatchObject(missing);
    await expect(namesIn(storage)).rejects.toMatchObject(missing);
    await expect(storage.freeBytes()).rejects.toMatchObject(missing);
  });

  test('that is a file is missing', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    await expect(openLocalStorage(file, { create: false })).rejects.toMatchObject({ code: 'storage-missing' });
  });

  test('leaves no unfinished file when the source fails', async () => {
    await using storage = await fresh();
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield randomBytes(100_000);
      expect(filesIn(storage.place)).toHaveLength(1);
      throw new Error('cut');
    };
    await expect(storage.put('a/x', source(), { signal })).rejects.toThrow('cut');
    expect(filesIn(storage.place)).toEqual([]);
  });

  test('does not show what is being written, nor files of others', async () => {
    await using storage = await fresh();
    writeFileSync(join(storage.place, 'My notes.txt'), '');
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield randomBytes(100);
      expect(await namesIn(storage)).toEqual([]);
    };
    await storage.put('a/x', source(), { signal });
    expect(await namesIn(storage)).toEqual(['a/x']);
  });
});

describe('a process that is killed while it writes', () => {
  test('leaves no object, and its unfinished file goes when the storage is next opened', async () => {
    const place = folder();
    const writer = join(import.meta.dirname, 'local.ts');
    const script = `
      const { openLocalStorage } = await import(${JSON.stringify(writer)});
      const storage = await openLocalStorage(${JSON.stringify(place)}, { create: false });
      async function* source() {
        for (let piece = 0; ; piece += 1) {
          yield Buffer.alloc(65536);
          if (piece === 20) console.log('writing');
        }
      }
      await storage.put('a/x', source(), { signal: new AbortController().signal });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(filesIn(place)).toHaveLength(1);
    await using storage = await openLocalStorage(place, { create: false });
    expect(await namesIn(storage)).toEqual([]);
    expect(filesIn(place)).toEqual([]);
    await storage.put('a/x', streamOf('whole'), { signal });
  });

  test('does not lose what another process is writing', async () => {
    const place = folder();
    await using storage = await openLocalStorage(place, { create: false });
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield randomBytes(100_000);
      await openLocalStorage(place, { create: false });
      yield randomBytes(100_000);
    };
    expect((await storage.put('a/x', source(), { signal })).bytes).toBe(200_000);
  });
});

const mayMount = process.platform === 'linux' && process.getuid?.() === 0 && canMount();

function canMount(): boolean {
  const place = folder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'ignore' });
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  }
}

async function* fourMegabytes(): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < 64; piece += 1) yield randomBytes(65_536);
}

describe.skipIf(!mayMount)('a storage on a disk of its own (needs root, to mount one)', () => {
  const mounts: string[] = [];
  const mounted = (): string => {
    const place = folder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', place]);
    mounts.push(place);
    return place;
  };
  afterAll(() => {
    for (const place of mounts) execFileSync('umount', [place]);
  });

  test('says that the disk is full, with path and sizes, and leaves nothing of the object', async () => {
    await using storage = await openLocalStorage(mounted(), { create: false });
    await storage.put('a/small', streamOf(randomBytes(100_000)), { signal });
    await expect(storage.put('a/big', fourMegabytes(), { signal })).rejects.toMatchObject({
      code: 'storage-full',
      message: expect.stringMatching(new RegExp(`^the storage ${storage.place} is full: a/big needs more than .+ is free$`)),
      facts: { neededBytes: expect.any(Number), freeBytes: expect.any(Number) },
    });
    expect(filesIn(storage.place)).toEqual(['small']);
    await storage.put('a/other', streamOf('fits'), { signal });
  });

  test('says that the disk is read-only', async () => {
    const place = mounted();
    await using storage = await openLocalStorage(place, { create: false });
    execFileSync('mount', ['-o', 'remount,ro', place]);
    await expect(storage.put('a/x', streamOf('x'), { signal })).rejects.toMatchObject({
      code: 'storage-read-only',
      message: expect.stringContaining(place),
    });
  });
});

describe('names of objects', () => {
  const part = fc.stringMatching(/^[A-Za-z0-9._ /\\:~-]{0,6}$/);

  test('never lead out of the storage, nor to a hidden or device file', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part, { maxLength: 4 }).map((parts) => parts.join('/')),
        ),
        (name) => {
          if (!isObjectName(name)) return;
          expect(new URL(name, 'file:///storage/').pathname).toBe(`/storage/${name}`);
          expect(name).toMatch(/^[\x21-\x7e]+$/);
          for (const each of name.split('/')) expect(each).not.toMatch(/^\.|\.$|^$|^(con|nul|aux|prn)$/i);
        },
      ),
    );
  });
});
