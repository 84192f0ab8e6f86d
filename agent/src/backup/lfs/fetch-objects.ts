import { AppError, asAppError, fixedBy, type ErrorCode } from '@gitprotect/shared/errors';
import { askBatch, largestBatch, type BatchedObject, type LfsObject } from '../../bitbucket/lfs/batch.ts';
import { download } from '../../bitbucket/lfs/download.ts';
import type { LfsLine } from '../../bitbucket/lfs/line.ts';
import type { NamedHash } from '../../catalogue/ledger-list.ts';
import { keepLargeFiles } from '../../catalogue/marks.ts';
import { atOnce } from '../../lib/at-once.ts';
import type { Clock } from '../../lib/clock.ts';
import { lfsName } from '../../storage/layout.ts';
import type { Storage } from '../../storage/storage.ts';
import type { RepoAccess, RepoToSave } from '../repo-access.ts';
import type { StoredFiles } from './stored-files.ts';

export interface FetchLfsParts {
  readonly wanted: RepoToSave;
  readonly access: Pick<RepoAccess, 'rest'>;
  readonly line: LfsLine;
  readonly stored: StoredFiles;
  /** Seals what it writes. */
  readonly storage: Storage;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What became of the objects that were wanted. */
export interface FetchedLfs {
  /** Large files, and words that marks are void. */
  readonly added: readonly NamedHash[];
  /** What was there already, and no list names. */
  readonly unlisted: readonly NamedHash[];
  /** Sealed bytes written. */
  readonly bytes: number;
  /** By oid: why it could not be had. */
  readonly missing: ReadonlyMap<string, string>;
}

const streams = 4;
const attempts = 3;
const pause = 1000;

/** What is wrong with the storage, or ends everything, is no large file's fault. */
const stops: ReadonlySet<ErrorCode> = new Set([
  'storage-full',
  'storage-read-only',
  'storage-missing',
  'storage-unreachable',
  'vault-locked',
  'throttled',
  'not-covered',
]);

const beingRemoved = 'it is being removed from storage, as nothing needed it; the next run stores it again';

/** Streams objects into storage, each once whatever repo needs it, its SHA-256 checked on the way. What cannot be had is said, and stops nothing. */
export async function fetchObjects(objects: readonly LfsObject[], parts: FetchLfsParts): Promise<FetchedLfs> {
  const { wanted, stored, storage, clock, signal } = parts;
  const added: NamedHash[] = [];
  const missing = new Map<string, string>();
  let bytes = 0;
  const absent: LfsObject[] = [];
  const serverId = wanted.server.id;
  const present: string[] = [];
  // Before it is looked at what is there: from then on nothing of it is removed.
  const names = new Set(objects.map(({ oid }) => lfsName(serverId, oid)));
  const kept = await keepLargeFiles(storage, { serverId, names, now: clock.now(), signal });
  for (const object of objects) {
    if ((await storage.stat(lfsName(serverId, object.oid))) === undefined) absent.push(object);
    else present.push(object.oid);
  }
  for (const oid of present) if (kept.leaving.has(lfsName(serverId, oid))) missing.set(oid, beingRemoved);
  for (let from = 0; from < absent.length; from += largestBatch) {
    const batch = await whereabouts(absent.slice(from, from + largestBatch), parts);
    await atOnce(batch, streams, async (object) => {
      const result = await fetchOne(object, parts);
      if ('why' in result) missing.set(object.oid, result.why);
      else if (result.stored === null) present.push(object.oid);
      else {
        stored.note(result.stored);
        added.push(result.stored);
        bytes += result.stored.bytes;
      }
    });
  }
  const others = present.filter((oid) => !missing.has(oid));
  const { found, gone } = await stored.unlisted(serverId, others, signal);
  for (const oid of gone) missing.set(oid, beingRemoved);
  return { added: [...added, ...kept.added].map(({ name, sha256 }) => ({ name, sha256 })), unlisted: found, bytes, missing };
}

async function whereabouts(objects: readonly LfsObject[], parts: FetchLfsParts): Promise<BatchedObject[]> {
  try {
    return await again(parts, () => ask(objects, parts));
  } catch (caught) {
    const error = failureOf(caught, parts.signal);
    return objects.map((object) => ({ ...object, actions: {}, error: error.message }));
  }
}

const ask = async (objects: readonly LfsObject[], { wanted, access, line, signal }: FetchLfsParts): Promise<BatchedObject[]> =>
  access.rest(({ token }) => askBatch(line, { repo: wanted.repo, operation: 'download', objects, token, signal }));

type One = { readonly why: string } | { readonly stored: (NamedHash & { readonly bytes: number }) | null };

async function fetchOne(batched: BatchedObject, parts: FetchLfsParts): Promise<One> {
  const { wanted, access, line, storage, signal } = parts;
  const name = lfsName(wanted.server.id, batched.oid);
  let object: BatchedObject | undefined = batched;
  try {
    return await again(parts, async (attempt) => {
      // An address holds for a while only: another attempt asks for a new one.
      if (attempt > 1) [object] = await ask([batched], parts);
      const action = object?.actions.download;
      if (object === undefined || object.error !== null || action === undefined)
        return { why: object?.error ?? 'the server has no address for it' };
      const { bytes, sha256 } = await access.rest(({ token }) =>
        storage.put(name, download(line, batched, action, { token, signal }), { signal }),
      );
      return { stored: { name, sha256, bytes } };
    });
  } catch (caught) {
    // Another repo's job was faster with the same file.
    if (caught instanceof AppError && caught.code === 'storage-exists') return { stored: null };
    return { why: failureOf(caught, signal).message };
  }
}

/** Tries again what may pass and is not waited for already. */
async function again<T>({ clock, signal }: FetchLfsParts, work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (caught) {
      signal.throwIfAborted();
      const error = asAppError(caught);
      // Wrong bytes may be a mishap on the way, once; twice, the server has no others.
      const most = error.facts['wrongContent'] === true ? 2 : attempts;
      if (fixedBy(error) !== 'later' || stops.has(error.code) || error.code === 'server-busy' || attempt >= most) throw caught;
      await clock.sleep(pause * 2 ** (attempt - 1), signal);
    }
  }
}

function failureOf(caught: unknown, signal: AbortSignal): AppError {
  signal.throwIfAborted();
  const error = asAppError(caught);
  if (stops.has(error.code)) throw caught;
  return error;
}
