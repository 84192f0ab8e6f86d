import { type FileHandle, link, mkdir, open, opendir, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { abortable } from '../lib/abortable.ts';
import { expected } from './expected.ts';
import { missing, storageError, systemCode } from './local-error.ts';
import { checkName, isObjectName } from './object-name.ts';
import { removeUnfinished, unfinishedFile } from './unfinished.ts';
import { writeStream } from './write-stream.ts';
import type { GetOptions, PutOptions, Storage, Stored, StoredObject } from './storage.ts';

/**
 * A storage in a folder. With `create` the folder is made when it is not there; without, that is `storage-missing`, so that a disk which
 * is not mounted never looks like an empty storage.
 */
export async function openLocalStorage(folder: string, { create }: { create: boolean }): Promise<Storage> {
  const place = resolve(folder);
  if (create) {
    await mkdir(place, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw storageError(error, { folder: place, name: 'the folder', bytes: 0, freeBytes: null });
    });
  }
  const storage = new LocalStorage(place);
  await storage.checkFolder();
  await removeUnfinished(place);
  return storage;
}

class LocalStorage implements Storage {
  readonly place: string;

  constructor(place: string) {
    this.place = place;
  }

  async put(name: string, source: AsyncIterable<Uint8Array>, { signal }: PutOptions): Promise<Stored> {
    const file = this.#path(name);
    let stored: Stored = { bytes: 0, sha256: '' };
    let incoming: string | undefined;
    try {
      signal.throwIfAborted();
      await this.checkFolder();
      await this.#makeFolder(dirname(file));
      incoming = await unfinishedFile(this.place);
      const handle = await open(incoming, 'wx', 0o600);
      try {
        stored = await writeStream(handle, abortable(source, signal), (bytes) => {
          stored = { ...stored, bytes };
        });
        await handle.sync();
      } finally {
        await handle.close();
      }
      signal.throwIfAborted();
      // Unlike rename, link fails when the name is taken: of two writers one wins.
      await link(incoming, file);
      await syncFolder(dirname(file)).catch(async (error: unknown) => {
        await unlink(file);
        throw error;
      });
    } catch (error) {
      if (systemCode(error) === 'EEXIST') throw taken(name, this.place, error);
      throw storageError(error, { folder: this.place, name, bytes: stored.bytes, freeBytes: await this.freeBytes().catch(() => null) });
    } finally {
      if (incoming !== undefined) await unlink(incoming).catch(() => {});
    }
    return stored;
  }

  async get(name: string, { signal, expect }: GetOptions): Promise<AsyncIterable<Uint8Array>> {
    signal.throwIfAborted();
    const file = this.#path(name);
    const handle = await open(file, 'r').catch(async (error: unknown) => {
      if (systemCode(error) === 'ENOENT') {
        await this.checkFolder();
        throw new AppError('not-found', `${name} is not in the storage ${this.place}`, { facts: { name }, cause: error });
      }
      throw this.#failed(error, name);
    });
    const bytes = this.#read(handle, name, signal);
    return expect === undefined ? bytes : expected(bytes, expect, name);
  }

  async *#read(handle: FileHandle, name: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* abortable(handle.createReadStream({ highWaterMark: 256 * 1024 }), signal);
    } catch (error) {
      throw this.#failed(error, name);
    } finally {
      await handle.close();
    }
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    await this.checkFolder();
    const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (start !== '' && !isObjectName(start.slice(0, -1))) return;
    yield* this.#listFolder(start, prefix);
  }

  /** `folder` ends with a slash, or is empty for the whole storage. */
  async *#listFolder(folder: string, prefix: string): AsyncGenerator<StoredObject> {
    const entries = await opendir(join(this.place, folder)).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
      throw this.#failed(error, folder);
    });
    for await (const entry of entries) {
      const name = folder + entry.name;
      if (!isObjectName(name)) continue;
      if (entry.isDirectory()) {
        if (`${name}/`.startsWith(prefix) || prefix.startsWith(`${name}/`)) yield* this.#listFolder(`${name}/`, prefix);
      } else if (entry.isFile() && name.startsWith(prefix)) {
        const object = await this.stat(name);
        if (object !== undefined) yield object;
      }
    }
  }

  async stat(name: string): Promise<StoredObject | undefined> {
    try {
      const found = await stat(this.#path(name));
      return found.isFile() ? { name, bytes: found.size } : undefined;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw this.#failed(error, name);
      await this.checkFolder();
      return undefined;
    }
  }

  async remove(name: string): Promise<void> {
    const file = this.#path(name);
    await this.checkFolder();
    try {
      await unlink(file);
      await syncFolder(dirname(file));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw this.#failed(error, name);
    }
  }

  async freeBytes(): Promise<number> {
    await this.checkFolder();
    const { bavail, bsize } = await statfs(this.place);
    return bavail * bsize;
  }

  /** @throws AppError `storage-missing` when the storage's folder is gone */
  async checkFolder(): Promise<void> {
    const found = await stat(this.place).catch((error: unknown) => {
      throw storageError(error, { folder: this.place, name: 'the folder', bytes: 0, freeBytes: null });
    });
    if (!found.isDirectory()) throw missing(this.place, undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing stays open between calls.
  }

  #path(name: string): string {
    checkName(name);
    return join(this.place, ...name.split('/'));
  }

  #failed(error: unknown, name: string): unknown {
    return storageError(error, { folder: this.place, name, bytes: 0, freeBytes: null });
  }

  /** Makes `folder` and those above it, each on disk before anything is put inside. Not `recursive`, which takes a read-only disk for a missing one. */
  async #makeFolder(folder: string): Promise<void> {
    if (folder === this.place) return;
    try {
      await mkdir(folder, { mode: 0o700 });
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return;
      if (systemCode(error) !== 'ENOENT') throw error;
      await this.#makeFolder(dirname(folder));
      return this.#makeFolder(folder);
    }
    await syncFolder(dirname(folder));
  }
}

/** Makes new and removed names survive a power cut. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (sep === '\\') return;
  await using handle = await open(folder, 'r');
  await handle.sync();
}

function taken(name: string, place: string, cause: unknown): AppError {
  return new AppError('storage-exists', `${name} is already in the storage ${place}`, { facts: { name }, cause });
}
