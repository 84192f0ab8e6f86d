import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { decodeManifest, objectsOf, type Manifest } from '@gitprotect/agent/catalogue/manifest';
import { openAge } from '@gitprotect/agent/storage/age';
import { bytesOf, streamOf } from '@gitprotect/agent/storage/bytes';
import { kindOf, storageFile } from '@gitprotect/agent/storage/layout';
import type { Keys } from '@gitprotect/agent/storage/sealed';

/** What lies in a storage's folder, seen without the agent's own storage and catalogue. */
export interface StorageState {
  /** What breaks a promise, one line each. */
  readonly violations: readonly string[];
  /** Names of the manifests: the snapshots there are. */
  readonly manifests: readonly string[];
  /** Whole objects that no manifest needs. */
  readonly orphans: readonly string[];
  /** Files that are not objects: what is being written, or was when its process died. */
  readonly unfinished: readonly string[];
}

/**
 * Opens every manifest and compares every object it needs with the size and hash it names. A snapshot that is there must be there whole, whatever
 * happened to the agent that made it.
 */
export async function storageInvariants(folder: string, { identity }: Keys): Promise<StorageState> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  const violations: string[] = [];
  const needed = new Set<string>();
  const manifests = names.filter((name) => kindOf(name).kind === 'manifest').toSorted();
  for (const name of manifests) {
    let manifest: Manifest;
    try {
      const sealed = readFileSync(join(folder, name));
      manifest = await decodeManifest(await bytesOf(openAge(streamOf(sealed), identity, name), 1e9, name), name);
    } catch (error) {
      violations.push(`${name} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`);
      continue;
    }
    for (const object of objectsOf(manifest)) {
      needed.add(object);
      if (!names.includes(object)) violations.push(`${name} needs ${object}, which is not there`);
    }
    for (const { object, bytes, sha256 } of manifest.chain) {
      if (!names.includes(object)) continue;
      const content = readFileSync(join(folder, object));
      if (content.length !== bytes) violations.push(`${object} has ${content.length} bytes, and ${name} says ${bytes}`);
      else if (createHash('sha256').update(content).digest('hex') !== sha256) violations.push(`${object} is not what ${name} says`);
    }
  }
  const unfinished = names.filter((name) => name.startsWith('.'));
  const bundles = names.filter((name) => kindOf(name).kind === 'bundle');
  const unknown = names.filter((name) => kindOf(name).kind === 'other' && name !== storageFile && !name.startsWith('.'));
  violations.push(...unknown.map((name) => `${name} is no object of ours`));
  return { violations, manifests, orphans: bundles.filter((name) => !needed.has(name)), unfinished };
}
