import { createHash } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import { openAge, sealAge } from '../storage/age.ts';
import { bytesOf, streamOf } from '../storage/bytes.ts';
import { kindOf, manifestName } from '../storage/layout.ts';
import type { Keys } from '../storage/sealed.ts';
import type { Storage, Stored } from '../storage/storage.ts';
import type { NamedHash } from './ledger-list.ts';
import { decodeManifest, encodeManifest, idOf, isOwn, type Manifest, repoOf } from './manifest.ts';

/** A manifest as it lies in storage: its content, and the SHA-256 of its sealed bytes. */
export interface StoredManifest {
  readonly manifest: Manifest;
  readonly sha256: string;
}

/** Where manifests lie and how they are opened. `storage` is the plain one: the hash is of the sealed bytes. */
export interface ManifestPlace {
  readonly storage: Storage;
  readonly keys: Keys;
}

const sizeLimit = 1_000_000_000;

/**
 * Writes a manifest, which commits its snapshot. Rejects with `storage-exists` when that sequence number has been committed before.
 * @param note told its name and hash before it is written
 */
export async function writeManifest(
  { storage, keys }: ManifestPlace,
  manifest: Manifest,
  note: (sealed: NamedHash) => Promise<void>,
  signal: AbortSignal,
): Promise<Stored> {
  const name = manifestName(repoOf(manifest), idOf(manifest));
  const bytes = await bytesOf(sealAge(streamOf(await encodeManifest(manifest)), keys.recipients), 2 * sizeLimit, name);
  await note({ name, sha256: createHash('sha256').update(bytes).digest('hex') });
  return storage.put(name, streamOf(bytes), { signal });
}

/**
 * Reads a manifest, which must be that of the snapshot its name says; with `sha256`, exactly the one once written.
 * @throws AppError `storage-corrupt`, `storage-foreign`, `not-found`
 */
export async function readManifest(
  { storage, keys }: ManifestPlace,
  name: string,
  { signal, sha256 }: { signal: AbortSignal; sha256?: string | undefined },
): Promise<StoredManifest> {
  const bytes = await bytesOf(await storage.get(name, { signal }), sizeLimit, name);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== undefined && actual !== sha256) throw changed(name, 'it is not the one that was written');
  const plain = await bytesOf(openAge(streamOf(bytes), keys.identity, name), sizeLimit, name);
  const manifest = await decodeManifest(plain, name);
  // age does not say who wrote a file nor for which place: a manifest moved to another name is found here.
  if (name !== manifestName(repoOf(manifest), idOf(manifest))) throw changed(name, 'it is the record of another snapshot');
  const foreign = manifest.chain.find(({ object }) => kindOf(object).kind !== 'bundle');
  if (foreign !== undefined) throw changed(name, `it names ${JSON.stringify(foreign.object)}, which is no bundle`);
  const other = manifest.metadata?.chain.find(({ object }) => kindOf(object).kind !== 'metadata');
  if (other !== undefined) throw changed(name, `it names ${JSON.stringify(other.object)}, which is no metadata`);
  const others = manifest.chain.find((link) => !isOwn(link, repoOf(manifest)));
  if (others !== undefined) throw changed(name, `it names ${JSON.stringify(others.object)}, which is another repository’s`);
  return { manifest, sha256: actual };
}

function changed(name: string, why: string): AppError {
  return new AppError('storage-corrupt', `${name} was changed in storage: ${why}`, {
    remedy: 'put the object back from a copy of the storage, and find out who can write to it',
    facts: { name },
  });
}
