import { randomBytes } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import { Id, Time } from '@gitprotect/shared/text';
import * as v from 'valibot';
import { bytesOf, streamOf } from './bytes.ts';
import { serversFolder, storageFile } from './layout.ts';
import type { Storage } from './storage.ts';

/** The version of everything that lies in storage. */
export const storageFormat = 1;

/** What `gitprotect.json` says. It is there for people, and to tell one storage from another: no key is ever taken from it. */
const StorageFile = v.object({
  format: v.literal(storageFormat),
  id: Id,
  createdAt: Time,
  /** Who could open what is sealed when the storage was made. */
  recipients: v.array(v.string()),
  /** The key that signs the lists of runs, as OpenSSH writes it (`ssh-ed25519 AAAA…`). */
  signingKey: v.nullable(v.string()),
  restoreByHand: v.array(v.string()),
});
export type StorageFile = v.InferOutput<typeof StorageFile>;

const anyFormat = v.object({ format: v.number() });
const sizeLimit = 1_000_000;

const restoreByHand = [
  'These are backups of Bitbucket repositories. Nothing but age, zstd and git is needed to read them, and the identity file (AGE-SECRET-KEY-1...) of the agent or the recovery key.',
  'servers/<server>/repos/<repo>/snapshots/<number>.json.zst.age is the record of one snapshot: age -d -i KEY FILE | zstd -d',
  'Its "chain" names the bundles, in order. Each is a git bundle: age -d -i KEY FILE > x.bundle',
  'Cut each bundle behind its first empty line and feed what follows, which is a pack, to: git index-pack --stdin --fix-thin (in a new bare repository, in order).',
  'Its "refs" are what the refs must be; where "base" names another snapshot, start from that one\'s list, remove "gone" and put in "set". Write them as packed-refs, and HEAD as "head" says.',
  'docs/restore-by-hand.sh does all this, and docs/format.md describes it.',
];

/** How a storage is opened. */
export interface OpenOptions {
  /** The id it must have, when this agent has used it before; `null` when this is the first time. */
  readonly expectId: string | null;
  /** Recorded when the storage is new. */
  readonly recipients: readonly string[];
  readonly signingKey: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Reads what a storage says of itself; a new and empty one is marked as ours first.
 * @throws AppError `storage-foreign` when it is another storage, of a newer release, or has backups without `gitprotect.json`;
 *   `storage-missing` when one that was used before is empty, as the mount point of a disk that is not mounted is
 */
export async function openStorage(storage: Storage, options: OpenOptions): Promise<StorageFile> {
  const found = await readStorageFile(storage, options.signal);
  if (found !== undefined) {
    if (options.expectId === null || options.expectId === found.id) return found;
    throw new AppError(
      'storage-foreign',
      `${storage.place} is another storage (${found.id}) than the one used so far (${options.expectId})`,
      {
        remedy: 'mount the right disk or share; to change over to this storage, run "catalogue rebuild"',
      },
    );
  }
  if (options.expectId !== null) {
    throw new AppError('storage-missing', `${storage.place} is there but ${storageFile} is not: it is not the storage used so far`, {
      remedy: `mount the disk or share; if only ${storageFile} was lost, put it back from a copy`,
    });
  }
  for await (const { name } of storage.list(serversFolder)) {
    throw new AppError('storage-foreign', `${storage.place} has backups (${name}) but no ${storageFile}`, {
      remedy: `put ${storageFile} back from a copy, or choose an empty folder`,
    });
  }
  return createStorageFile(storage, options);
}

async function readStorageFile(storage: Storage, signal: AbortSignal): Promise<StorageFile | undefined> {
  let text: string;
  try {
    text = (await bytesOf(await storage.get(storageFile, { signal }), sizeLimit, storageFile)).toString('utf8');
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return undefined;
    throw error;
  }
  const content = parse(text);
  const read = v.safeParse(StorageFile, content);
  if (read.success) return read.output;
  const newer = v.is(anyFormat, content) && content.format > storageFormat;
  throw newer
    ? new AppError(
        'storage-foreign',
        `${storage.place} was written by a newer release (format ${content.format}, this one knows ${storageFormat})`,
        {
          remedy: 'install the newer release; nothing was changed',
        },
      )
    : new AppError('storage-foreign', `${storageFile} in ${storage.place} is not one of ours`, {
        remedy: `choose another folder, or put ${storageFile} back from a copy`,
      });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function createStorageFile(storage: Storage, { recipients, signingKey, now, signal }: OpenOptions): Promise<StorageFile> {
  const file: StorageFile = {
    format: storageFormat,
    id: randomBytes(8).toString('hex'),
    createdAt: new Date(now).toISOString(),
    recipients: [...recipients],
    signingKey,
    restoreByHand,
  };
  try {
    await storage.put(storageFile, streamOf(`${JSON.stringify(file, null, 2)}\n`), { signal });
    return file;
  } catch (error) {
    // Somebody else has just made it: theirs counts.
    const theirs = error instanceof AppError && error.code === 'storage-exists' ? await readStorageFile(storage, signal) : undefined;
    if (theirs === undefined) throw error;
    return theirs;
  }
}
