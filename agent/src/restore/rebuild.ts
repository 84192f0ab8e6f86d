import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { asDamage } from '../catalogue/damage.ts';
import type { ResolvedManifest } from '../catalogue/next-manifest.ts';
import { fsck } from '../git/git.ts';
import { readRefs, rebuild } from '../git/rebuild.ts';
import type { GitHost } from '../git/run-git.ts';
import { chainPacks, type ChainPlace } from './chain-packs.ts';
import { compareRefs } from './compare-refs.ts';

/** A repo rebuilt from storage, compared with its manifest. */
export interface Rebuilt {
  /** Refs that differ from the manifest; empty is the proof. */
  readonly differences: string[];
  /** What `git fsck` said; empty when clean. */
  readonly fsck: string[];
  /** No difference, and everything the refs reach is there, but for what the server had lost before. */
  readonly verified: boolean;
  /** Sealed bytes read. */
  readonly bytes: number;
}

export interface RebuildOptions {
  /** Also says when to stop. */
  readonly host: GitHost;
  /** Called as the chain is read: sealed bytes so far, of all. */
  readonly onProgress?: ((bytes: number, of: number) => void) | undefined;
}

/**
 * Makes the repo of a snapshot, bare, in `dir` (an existing empty folder), and checks it.
 * @throws AppError `backup-damaged` with the object at fault in `facts.object`; `git-missing`, `git-failed`
 */
export async function rebuildSnapshot(
  dir: string,
  { manifest, refs }: ResolvedManifest,
  place: ChainPlace,
  { host, onProgress }: RebuildOptions,
): Promise<Rebuilt> {
  const { chain, objectFormat, head, shallow, lost } = manifest;
  const total = chain.reduce((sum, link) => sum + link.bytes, 0);
  let bytes = 0;
  const onBytes = (more: number): void => {
    bytes += more;
    onProgress?.(bytes, total);
  };
  let reading = '';
  const packs = chainPacks(chain, place, { signal: host.signal, onBytes }).map((pack) => ({
    ...pack,
    open: () => {
      reading = pack.name;
      return pack.open();
    },
  }));
  try {
    await rebuild(dir, { objectFormat, packs, refs, head }, host);
  } catch (error) {
    throw error instanceof AppError && error.code === 'git-corrupt-pack' ? asDamage(reading, error) : error;
  }
  // A history that was cut off on the server is so here: without this file git takes the cut for a loss.
  if (shallow.length > 0) await writeFile(join(dir, 'shallow'), shallow.map((oid) => `${oid}\n`).join(''));
  const differences = compareRefs({ refs, head }, await readRefs(dir, host));
  // What the server itself had lost is no fault of the backup.
  const { whole, complaints } = await fsck(dir, host, { expected: new Set(lost.map(({ oid }) => oid)) });
  return { differences, fsck: [...complaints], verified: differences.length === 0 && whole, bytes };
}
