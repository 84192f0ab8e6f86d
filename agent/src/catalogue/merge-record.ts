import { createHash } from 'node:crypto';
import { AppError, asAppError } from '@gitprotect/shared/errors';
import { Count, Id, Time } from '@gitprotect/shared/text';
import * as v from 'valibot';
import { openAge, sealAge } from '../storage/age.ts';
import { bytesOf, streamOf } from '../storage/bytes.ts';
import { kindOf, mergeFolder, mergeName, type RepoPlace } from '../storage/layout.ts';
import { asDamage } from './damage.ts';
import type { ManifestPlace } from './manifest-object.ts';
import { Link, MetadataLink } from './manifest.ts';
import type { NamedHash } from './ledger-list.ts';
import { signSsh } from './ssh-signature.ts';
import { fromZstdJson, toZstdJson } from './zstd-json.ts';

/** Where a part stands in what was merged. */
const place = { first: Count, last: Count };
const common = {
  format: v.literal(1),
  server: v.object({ id: Id }),
  repo: v.object({ id: Count }),
  /** The number that is also its name. */
  sequence: Count,
  madeAt: Time,
};

/**
 * What compaction leaves in storage: `result` stands for `parts`. Every position from 1 on has one part of its own (`first` = `last`), an object
 * as a backup wrote it; parts that span several positions are results of earlier merges, which manifests may name as well.
 */
export const MergeRecord = v.variant('of', [
  v.object({ ...common, of: v.literal('bundles'), result: Link, parts: v.array(v.object({ ...Link.entries, ...place })) }),
  v.object({ ...common, of: v.literal('metadata'), result: MetadataLink, parts: v.array(v.object({ ...MetadataLink.entries, ...place })) }),
]);
export type MergeRecord = v.InferOutput<typeof MergeRecord>;

/** A record as it was read; `ours` when this agent has signed it, or another one with the same vault. */
export type StoredMerge = MergeRecord & { readonly ours: boolean };

const Signed = v.looseObject({ signature: v.nullable(v.string()) });

const sizeLimit = 100_000_000;

/**
 * Writes the record of a merge, which commits it. Rejects with `storage-exists` when that number is taken.
 * @param note told its name and hash before it is written
 */
export async function writeMerge(
  { storage, keys }: ManifestPlace,
  record: MergeRecord,
  note: (sealed: NamedHash) => Promise<void>,
  signal: AbortSignal,
): Promise<NamedHash> {
  const name = mergeName({ serverId: record.server.id, repoId: record.repo.id }, record.sequence);
  const clean = v.parse(MergeRecord, record);
  const signed = { ...clean, signature: signatureOf(clean, keys) };
  const packed = await toZstdJson(signed);
  const bytes = await bytesOf(sealAge(streamOf(packed), keys.recipients), 2 * sizeLimit, name);
  const sealed = { name, sha256: createHash('sha256').update(bytes).digest('hex') };
  await note(sealed);
  await storage.put(name, streamOf(bytes), { signal });
  return sealed;
}

/** Over the record as JSON, fields in the order of the schema. age does not say who wrote a file, and a false merge would stand in the place of a true bundle. */
function signatureOf(record: MergeRecord, { signing }: ManifestPlace['keys']): string | null {
  return signing === undefined ? null : signSsh(Buffer.from(JSON.stringify(record)), signing);
}

/** The merges of a repo by number, and what is wrong with those that cannot be read. */
export interface StoredMerges {
  readonly records: readonly StoredMerge[];
  readonly damaged: readonly AppError[];
  /** The highest number, whether that record can be read or not; 0 for none. */
  readonly last: number;
}

/** Reads all merges of a repo. `known` are those read before, by name: they never change. */
export async function readMerges(
  from: ManifestPlace,
  repo: RepoPlace,
  { signal, known }: { readonly signal: AbortSignal; readonly known?: ReadonlyMap<string, StoredMerge> | undefined },
): Promise<StoredMerges> {
  const records: StoredMerge[] = [];
  const damaged: AppError[] = [];
  let last = 0;
  for await (const { name } of from.storage.list(mergeFolder(repo))) {
    const kind = kindOf(name);
    if (kind.kind !== 'merge') continue;
    last = Math.max(last, kind.sequence);
    try {
      records.push(known?.get(name) ?? (await readMerge(from, name, signal)));
    } catch (error) {
      signal.throwIfAborted();
      const damage = asDamage(name, asAppError(error));
      if (damage.code !== 'backup-damaged') throw error;
      damaged.push(damage);
    }
  }
  return { records: records.toSorted((a, b) => a.sequence - b.sequence), damaged, last };
}

async function readMerge({ storage, keys }: ManifestPlace, name: string, signal: AbortSignal): Promise<StoredMerge> {
  const packed = await bytesOf(openAge(await storage.get(name, { signal }), keys.identity, name), sizeLimit, name);
  let content: unknown;
  try {
    content = await fromZstdJson(packed, sizeLimit);
  } catch (error) {
    throw noMerge(name, 'it is not JSON in zstd', error);
  }
  const read = v.safeParse(MergeRecord, content);
  if (!read.success) throw noMerge(name, 'its fields are not those of a merge');
  const record = read.output;
  const repo = { serverId: record.server.id, repoId: record.repo.id };
  // age does not say for which place a file was written: a record moved to another name is found here.
  if (name !== mergeName(repo, record.sequence)) throw noMerge(name, 'it is the record of another merge');
  const kind = record.of === 'bundles' ? 'bundle' : 'metadata';
  const foreign = [record.result, ...record.parts].find(({ object }) => {
    const is = kindOf(object);
    return is.kind !== kind || is.serverId !== repo.serverId || is.repoId !== repo.repoId;
  });
  if (foreign !== undefined) throw noMerge(name, `it names ${JSON.stringify(foreign.object)}, which is no ${kind} of the repository`);
  const length = Math.max(0, ...record.parts.map((part) => part.last));
  const singles = record.parts.filter(({ first, last }) => first === last).map(({ first }) => first);
  const wrong = record.parts.some(({ first, last }) => first < 1 || first > last);
  if (wrong || length === 0 || singles.length !== length || new Set(singles).size !== length)
    throw noMerge(name, 'its parts are not in a row');
  // Ed25519 signs the same bytes in the same way each time.
  const signature = v.is(Signed, content) ? content.signature : null;
  return { ...record, ours: signature !== null && signature === signatureOf(record, keys) };
}

function noMerge(name: string, why: string, cause?: unknown): AppError {
  return new AppError('storage-corrupt', `${name} cannot be read as the record of a merge: ${why}`, {
    remedy: 'put the object back from a copy of the storage',
    facts: { name },
    cause,
  });
}
