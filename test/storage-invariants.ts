import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { openChains, type ReadableManifest } from '@gitprotect/agent/catalogue/chains';
import { decodeManifest, objectsOf, repoOf, storedIn } from '@gitprotect/agent/catalogue/manifest';
import { readMetadata } from '@gitprotect/agent/catalogue/metadata-object';
import { lfsObjects } from '@gitprotect/agent/catalogue/metadata-record';
import { openLocalStorage } from '@gitprotect/agent/storage/local';
import { openAge } from '@gitprotect/agent/storage/age';
import { bytesOf, streamOf } from '@gitprotect/agent/storage/bytes';
import { kindOf, lfsName, mergeName, storageFile } from '@gitprotect/agent/storage/layout';
import type { Keys } from '@gitprotect/agent/storage/sealed';

/** What lies in a storage's folder, seen without the agent's own storage and catalogue. */
export interface StorageState {
  /** What breaks a promise, one line each. */
  readonly violations: readonly string[];
  /** Names of the manifests: the snapshots there are. */
  readonly manifests: readonly string[];
  /** Whole objects that no manifest needs; for large files: that no record of metadata names. */
  readonly orphans: readonly string[];
  /** Files that are not objects: what is being written, or was when its process died. */
  readonly unfinished: readonly string[];
}

/**
 * Opens every manifest and compares every object it needs with the size and hash it names. A snapshot that is there must be there whole, whatever
 * happened to the agent that made it.
 */
export async function storageInvariants(folder: string, keys: Keys): Promise<StorageState> {
  const { identity } = keys;
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  const storage = await openLocalStorage(folder, { create: false });
  const { signal } = new AbortController();
  const violations: string[] = [];
  const needed = new Set<string>();
  const manifests = names.filter((name) => kindOf(name).kind === 'manifest').toSorted();
  for (const name of manifests) {
    let manifest: ReadableManifest;
    try {
      const sealed = readFileSync(join(folder, name));
      const written = await decodeManifest(await bytesOf(openAge(streamOf(sealed), identity, name), 1e9, name), name);
      const chains = await openChains({ storage, keys }, repoOf(written), { signal });
      violations.push(...chains.damage);
      const { merges, damage, ...resolved } = chains.resolve(written);
      violations.push(...damage);
      manifest = resolved.manifest;
      for (const merge of merges) needed.add(merge);
      if (chains.last > 0) needed.add(mergeName(repoOf(written), chains.last));
    } catch (error) {
      violations.push(`${name} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`);
      continue;
    }
    for (const object of objectsOf(manifest)) {
      needed.add(object);
      if (!names.includes(object)) violations.push(`${name} needs ${object}, which is not there`);
    }
    if (manifest.lfs !== null)
      for (const oid of await largeFilesOf(manifest, folder, keys)) {
        const object = lfsName(manifest.server.id, oid);
        needed.add(object);
        if (!names.includes(object)) violations.push(`${name} needs ${object}, which is not there`);
      }
    for (const { object, bytes, sha256 } of storedIn(manifest)) {
      if (!names.includes(object)) continue;
      const content = readFileSync(join(folder, object));
      if (content.length !== bytes) violations.push(`${object} has ${content.length} bytes, and ${name} says ${bytes}`);
      else if (createHash('sha256').update(content).digest('hex') !== sha256) violations.push(`${object} is not what ${name} says`);
    }
  }
  for (const name of names.filter((one) => kindOf(one).kind === 'lfs'))
    if (!(await isItsLargeFile(folder, name, keys))) violations.push(`${name} is not the large file its name says`);
  const unfinished = names.filter((name) => name.startsWith('.'));
  const ofSnapshots = names.filter((name) => ['bundle', 'metadata', 'merge', 'lfs'].includes(kindOf(name).kind));
  const unknown = names.filter((name) => kindOf(name).kind === 'other' && name !== storageFile && !name.startsWith('.'));
  violations.push(...unknown.map((name) => `${name} is no object of ours`));
  return { violations, manifests, orphans: ofSnapshots.filter((name) => !needed.has(name)), unfinished };
}

/** Those a snapshot's records name, but for those it says are missing. */
async function largeFilesOf({ lfs, metadata }: ReadableManifest, folder: string, keys: Keys): Promise<string[]> {
  const missing = new Set(lfs?.missing.map(({ oid }) => oid));
  const oids: string[] = [];
  const storage = await openLocalStorage(folder, { create: false });
  const options = { signal: new AbortController().signal, kinds: [lfsObjects] };
  for await (const { key } of readMetadata({ storage, keys }, metadata?.chain ?? [], options)) if (!missing.has(key)) oids.push(key);
  return oids;
}

/** Whether it opens to the bytes whose hash is its name. */
async function isItsLargeFile(folder: string, name: string, { identity }: Keys): Promise<boolean> {
  const hash = createHash('sha256');
  for await (const piece of openAge(streamOf(readFileSync(join(folder, name))), identity, name)) hash.update(piece);
  return name.endsWith(`/${hash.digest('hex')}.age`);
}
