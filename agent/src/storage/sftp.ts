import { AppError } from '@gitprotect/shared/errors';
import type { Stats } from 'ssh2';
import { abortable } from '../lib/abortable.ts';
import { expected } from './expected.ts';
import { checkName, isObjectName } from './object-name.ts';
import { sftpError, status, statusOf } from './sftp-error.ts';
import { publish } from './sftp-publish.ts';
import { openSession, type Entry, type SftpSession } from './sftp-session.ts';
import { sftpPlace, type SftpAccess, type SftpSettings } from './sftp-settings.ts';
import { readFile, writeFile } from './sftp-write.ts';
import { isLeftBehind, unfinishedName } from './unfinished.ts';
import type { GetOptions, PutOptions, Storage, Stored, StoredObject } from './storage.ts';

/** A storage in a folder of an SSH server. Connects at the first call, and again when the connection is lost. */
export function sftpStorage(settings: SftpSettings, access: SftpAccess): Storage {
  return new SftpStorage(settings, access);
}

const never = new AbortController().signal;
/** Folders that are read at one time when listing. */
const atOnce = 16;

class SftpStorage implements Storage {
  readonly place: string;
  readonly #settings: SftpSettings;
  readonly #access: SftpAccess;
  #session: Promise<SftpSession> | undefined;

  constructor(settings: SftpSettings, access: SftpAccess) {
    this.place = sftpPlace(settings);
    this.#settings = settings;
    this.#access = access;
  }

  async put(name: string, source: AsyncIterable<Uint8Array>, { signal }: PutOptions): Promise<Stored> {
    checkName(name);
    signal.throwIfAborted();
    const session = await this.#connect(signal);
    const incoming = this.#path(`.writing/${unfinishedName()}`);
    let taken = 0;
    try {
      const handle = await this.#create(session, incoming);
      let stored: Stored;
      try {
        stored = await writeFile(session, handle, abortable(source, signal), (bytes) => {
          taken = bytes;
        });
        await session.ask<unknown>((sftp, done) => sftp.ext_openssh_fsync(handle, done)).catch(unlessUnsupported);
      } finally {
        await session.ask<undefined>((sftp, done) => sftp.close(handle, (error) => done(error, undefined))).catch(() => undefined);
      }
      signal.throwIfAborted();
      await this.#makeFolders(session, name);
      await publish(session, { from: incoming, to: this.#path(name), name, place: this.place });
      return stored;
    } catch (error) {
      signal.throwIfAborted();
      throw (await this.#fullError(error, name, taken)) ?? this.#failed(error, `${name} could not be written`);
    } finally {
      await session.ask<undefined>((sftp, done) => sftp.unlink(incoming, (error) => done(error, undefined))).catch(() => undefined);
    }
  }

  async get(name: string, { signal, expect }: GetOptions): Promise<AsyncIterable<Uint8Array>> {
    checkName(name);
    const { bytes, handle, session } = await this.#again(signal, async (session) => {
      const handle = await session.ask<Buffer>((sftp, done) => sftp.open(this.#path(name), 'r', done));
      const { size } = await session.ask<Stats>((sftp, done) => sftp.fstat(handle, done));
      return { handle, bytes: size, session };
    }).catch((error: unknown) => this.#notThere(error, name));
    const read = this.#read(session, { handle, bytes, name, signal });
    return expect === undefined ? read : expected(read, expect, name);
  }

  async *#read(
    session: SftpSession,
    { handle, bytes, name, signal }: { handle: Buffer; bytes: number; name: string; signal: AbortSignal },
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* abortable(readFile(session, handle, bytes), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw this.#failed(error, `${name} could not be read`);
    } finally {
      await session.ask<undefined>((sftp, done) => sftp.close(handle, (error) => done(error, undefined))).catch(() => undefined);
    }
  }

  /** Reads several folders at a time: each costs the way to the server and back. */
  async *list(prefix: string): AsyncGenerator<StoredObject> {
    const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (start !== '' && !isObjectName(start.slice(0, -1))) return;
    await this.#checkFolder(never);
    const waiting = [start];
    const reading = new Map<string, Promise<{ folder: string; entries: Entry[] }>>();
    while (waiting.length > 0 || reading.size > 0) {
      while (reading.size < atOnce) {
        const folder = waiting.pop();
        if (folder === undefined) break;
        reading.set(folder, this.#readFolder(folder));
      }
      const { folder, entries } = await Promise.race(reading.values());
      reading.delete(folder);
      for (const { filename, attrs } of entries) {
        const name = folder + filename;
        if (!isObjectName(name)) continue;
        if (attrs.isDirectory()) {
          if (`${name}/`.startsWith(prefix) || prefix.startsWith(`${name}/`)) waiting.push(`${name}/`);
        } else if (attrs.isFile() && name.startsWith(prefix)) yield { name, bytes: attrs.size };
      }
    }
  }

  async stat(name: string): Promise<StoredObject | undefined> {
    checkName(name);
    try {
      const found = await this.#again(never, (session) => session.ask<Stats>((sftp, done) => sftp.stat(this.#path(name), done)));
      return found.isFile() ? { name, bytes: found.size } : undefined;
    } catch (error) {
      if (statusOf(error) !== status.noSuchFile) throw this.#failed(error, `${name} could not be looked at`);
      await this.#checkFolder(never);
      return undefined;
    }
  }

  async remove(name: string): Promise<void> {
    checkName(name);
    try {
      await this.#again(never, (session) =>
        session.ask<undefined>((sftp, done) => sftp.unlink(this.#path(name), (error) => done(error, undefined))),
      );
    } catch (error) {
      if (statusOf(error) !== status.noSuchFile) throw this.#failed(error, `${name} could not be removed`);
    }
  }

  async freeBytes(): Promise<number | null> {
    const session = await this.#connect(never);
    await this.#checkFolder(never);
    // ssh2 throws at once where the server has no such call.
    const found = await session
      .ask<{ f_frsize: number | bigint; f_bavail: number | bigint }>((sftp, done) => sftp.ext_openssh_statvfs(this.#settings.folder, done))
      .catch(() => null);
    return found === null ? null : Number(found.f_frsize) * Number(found.f_bavail);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    session?.close();
  }

  #path(name: string): string {
    return `${this.#settings.folder.replace(/\/$/, '')}/${name}`;
  }

  /** The connection, made now if there is none. Of several who ask at one time one makes it. */
  async #connect(signal: AbortSignal): Promise<SftpSession> {
    const known = await this.#session?.catch(() => undefined);
    if (known?.alive() === true) return known;
    this.#session = openSession(this.#settings, this.#access, signal).then(async (session) => {
      await this.#removeUnfinished(session);
      return session;
    });
    return this.#session;
  }

  /** Does what may be done twice, once more when the connection was lost in between. */
  async #again<T>(signal: AbortSignal, work: (session: SftpSession) => Promise<T>): Promise<T> {
    const session = await this.#connect(signal);
    try {
      return await work(session);
    } catch (error) {
      signal.throwIfAborted();
      if (statusOf(error) !== undefined && session.alive()) throw error;
      return work(await this.#connect(signal));
    }
  }

  async #create(session: SftpSession, file: string): Promise<Buffer> {
    const create = () => session.ask<Buffer>((sftp, done) => sftp.open(file, 'wx', 0o600, done));
    try {
      return await create();
    } catch (error) {
      if (statusOf(error) !== status.noSuchFile) throw error;
      await session
        .ask<undefined>((sftp, done) => sftp.mkdir(this.#path('.writing'), { mode: 0o700 }, (failure) => done(failure, undefined)))
        .catch(async (failure: unknown) => {
          if (statusOf(failure) !== status.failure) throw failure;
        });
      return create();
    }
  }

  async #makeFolders(session: SftpSession, name: string): Promise<void> {
    const parts = name.split('/').slice(0, -1);
    const folders = parts.map((_, index) => this.#path(parts.slice(0, index + 1).join('/')));
    const last = folders.at(-1);
    if (
      last === undefined ||
      (await session
        .ask<Stats>((sftp, done) => sftp.stat(last, done))
        .then(
          () => true,
          () => false,
        ))
    )
      return;
    for (const folder of folders) {
      await session
        .ask<undefined>((sftp, done) => sftp.mkdir(folder, { mode: 0o700 }, (error) => done(error, undefined)))
        .catch((error: unknown) => {
          // "Failure" is all that the protocol says of a folder that is there.
          if (statusOf(error) !== status.failure) throw error;
        });
    }
  }

  async #readFolder(folder: string): Promise<{ folder: string; entries: Entry[] }> {
    try {
      const entries = await this.#again(never, (session) => session.ask<Entry[]>((sftp, done) => sftp.readdir(this.#path(folder), done)));
      return { folder, entries };
    } catch (error) {
      if (statusOf(error) === status.noSuchFile) return { folder, entries: [] };
      throw this.#failed(error, `${folder} could not be listed`);
    }
  }

  /** @throws AppError `storage-missing` when the storage's folder is gone */
  async #checkFolder(signal: AbortSignal): Promise<void> {
    try {
      await this.#again(signal, (session) => session.ask<Stats>((sftp, done) => sftp.stat(this.#settings.folder, done)));
    } catch (error) {
      throw this.#failed(error, 'its folder could not be looked at');
    }
  }

  async #removeUnfinished(session: SftpSession): Promise<void> {
    const entries = await session.ask<Entry[]>((sftp, done) => sftp.readdir(this.#path('.writing'), done)).catch(() => []);
    for (const { filename } of entries.filter((entry) => isLeftBehind(entry.filename))) {
      await session
        .ask<undefined>((sftp, done) => sftp.unlink(this.#path(`.writing/${filename}`), (error) => done(error, undefined)))
        .catch(() => undefined);
    }
  }

  async #notThere(error: unknown, name: string): Promise<never> {
    if (statusOf(error) !== status.noSuchFile) throw this.#failed(error, `${name} could not be read`);
    await this.#checkFolder(never);
    throw new AppError('not-found', `${name} is not in the storage ${this.place}`, { facts: { name }, cause: error });
  }

  /** The protocol says "failure" when a disk is full; only the free space tells. */
  async #fullError(error: unknown, name: string, bytes: number): Promise<AppError | null> {
    if (statusOf(error) !== status.failure) return null;
    const freeBytes = await this.#freeIfKnown();
    if (freeBytes === null || freeBytes > 1_000_000) return null;
    return new AppError('storage-full', `the storage ${this.place} is full: ${name} could not be written`, {
      remedy: 'free space there, or keep fewer snapshots and prune; earlier backups are untouched',
      facts: { freeBytes, neededBytes: bytes },
      cause: error,
    });
  }

  async #freeIfKnown(): Promise<number | null> {
    try {
      return await this.freeBytes();
    } catch {
      return null;
    }
  }

  #failed(error: unknown, what: string): AppError {
    return sftpError(error, { place: this.place, what });
  }
}

/** A server without this call flushes when it likes. */
function unlessUnsupported(error: unknown): void {
  const missing = error instanceof Error && error.message.includes('does not support');
  if (!missing && statusOf(error) !== status.unsupported) throw error;
}
