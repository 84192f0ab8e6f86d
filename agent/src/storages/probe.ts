import { randomBytes } from 'node:crypto';
import { AppError, asAppError } from '@gitprotect/shared/errors';
import type { Finding } from '@gitprotect/shared/finding';
import { newId } from '../lib/id.ts';
import { bytesOf, streamOf } from '../storage/bytes.ts';
import type { Storage } from '../storage/storage.ts';

/** More than S3 takes in one piece of ours, so that all ways of writing are tried. */
const largeBytes = 9_000_000;
const writers = 4;

/** One promise of a storage, tried. Throws what is wrong. `name` is a new one each time; what it makes is removed afterwards. */
interface Trial {
  readonly kept: string;
  readonly run: (storage: Storage, name: string, signal: AbortSignal) => Promise<void>;
}

const roundTrip = async (storage: Storage, name: string, bytes: Buffer, signal: AbortSignal): Promise<void> => {
  const expect = await storage.put(name, streamOf(bytes), { signal });
  const back = await bytesOf(await storage.get(name, { signal, expect }), bytes.length, name);
  if (!back.equals(bytes)) throw broken(`${storage.place} gives back other bytes than it was given`);
  const found = await storage.stat(name);
  if (found?.bytes !== bytes.length) throw broken(`${storage.place} says a wrong size of what it holds`);
};

const readsBack: Trial = {
  kept: 'what is written can be read, and is listed at once',
  run: async (storage, name, signal) => {
    await roundTrip(storage, name, randomBytes(1000), signal);
    for await (const one of storage.list(name)) if (one.name === name) return;
    throw broken(
      `${storage.place} does not list what was just written`,
      'use a storage that lists at once: snapshots would be missed here',
    );
  },
};

const createsOnce: Trial = {
  kept: 'no object can be written over, and of several writers one wins',
  run: async (storage, name, signal) => {
    const ends = await Promise.allSettled(
      Array.from({ length: writers }, (_, index) => storage.put(name, streamOf(`writer ${index}`), { signal })),
    );
    const again = await Promise.allSettled([storage.put(name, streamOf('too late'), { signal })]);
    for (const end of [...ends, ...again]) {
      if (end.status === 'rejected' && !(end.reason instanceof AppError && end.reason.code === 'storage-exists')) throw end.reason;
    }
    if (ends.filter(({ status }) => status === 'fulfilled').length === 1 && again[0]?.status === 'rejected') return;
    throw broken(
      `${storage.place} lets an object be written over`,
      'use a file system that has hard links, or an S3 server that knows If-None-Match: two agents could spoil each other’s backups here',
    );
  },
};

async function* cut(): AsyncGenerator<Uint8Array> {
  yield randomBytes(1000);
  throw new AppError('cancelled', 'broken off to see what stays');
}

const forgetsTheCut: Trial = {
  kept: 'what is broken off leaves nothing',
  run: async (storage, name, signal) => {
    await storage.put(name, cut(), { signal }).catch(() => undefined);
    if ((await storage.stat(name)) !== undefined) throw broken(`${storage.place} keeps half an object`);
  },
};

const noticesChange: Trial = {
  kept: 'other bytes than were written are noticed',
  run: async (storage, name, signal) => {
    const { bytes } = await storage.put(name, streamOf('as written'), { signal });
    const wrong = await storage.get(name, { signal, expect: { bytes, sha256: '0'.repeat(64) } });
    const end = await bytesOf(wrong, bytes, name).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(end instanceof AppError && end.code === 'storage-corrupt')) throw end ?? broken(`${storage.place}: a wrong hash was not noticed`);
  },
};

const takesLarge: Trial = {
  kept: 'large objects go over in parts and come back whole',
  run: async (storage, name, signal) => {
    await roundTrip(storage, name, randomBytes(largeBytes), signal);
    const again = await storage.put(name, streamOf(randomBytes(largeBytes)), { signal }).catch((error: unknown) => error);
    if (!(again instanceof AppError && again.code === 'storage-exists'))
      throw again instanceof Error ? again : broken(`${storage.place} lets a large object be written over`);
  },
};

/**
 * Tries in a storage itself what backups rely on, and says each in words. Stops at the first that does not hold.
 * @param large whether 9 MB are sent and read too
 */
export async function probeStorage(storage: Storage, { large, signal }: { large: boolean; signal: AbortSignal }): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { kept, run } of [readsBack, createsOnce, forgetsTheCut, noticesChange, ...(large ? [takesLarge] : [])]) {
    const name = `probe-${newId('doctor')}`;
    try {
      await run(storage, name, signal);
      await storage.remove(name);
      if ((await storage.stat(name)) !== undefined) throw broken(`${storage.place} does not remove what it is told to`);
      findings.push({ area: 'storage', state: 'ok', message: kept, remedy: null });
    } catch (error) {
      signal.throwIfAborted();
      await storage.remove(name).catch(() => undefined);
      const { message, remedy } = asAppError(error);
      return [...findings, { area: 'storage', state: 'problem', message, remedy: remedy ?? null }];
    }
  }
  return findings;
}

/** As `probeStorage`, all of it. @throws AppError `storage-refused` with the first thing that does not hold, or the storage's own error */
export async function requireUsable(storage: Storage, signal: AbortSignal): Promise<void> {
  // Its own error, with its own code, where it cannot be reached at all. Of all questions this one is answered with a reason.
  for await (const _ of storage.list('probe-')) break;
  const found = (await probeStorage(storage, { large: true, signal })).find(({ state }) => state === 'problem');
  if (found !== undefined) throw new AppError('storage-refused', found.message, found.remedy === null ? {} : { remedy: found.remedy });
}

function broken(message: string, remedy = 'do not use it for backups; look for the fault on its side'): AppError {
  return new AppError('storage-corrupt', message, { remedy });
}
