import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Link, Manifest } from '../../catalogue/manifest.ts';
import { findPointers, type FoundPointer } from '../../git/find-pointers.ts';
import { initBare } from '../../git/bare-repo.ts';
import { indexPacks } from '../../git/index-packs.ts';
import { keepReachable } from '../../git/keep-reachable.ts';
import { writeShallow } from '../../git/shallow.ts';
import type { GitHost } from '../../git/run-git.ts';
import { pathsOf } from '../../git/tree-paths.ts';
import { chainPacks, type ChainPlace } from '../../restore/chain-packs.ts';

export interface ScanPlace extends ChainPlace {
  /** Folder for a repo that is thrown away. */
  readonly scratch: string;
  readonly host: GitHost;
}

/** The pointers in the packs of a chain. */
export interface Scanned {
  /** By oid. */
  readonly pointers: ReadonlyMap<string, FoundPointer>;
  /** Where these blobs lie in the tree, as far as it can be told. */
  readonly paths: (blobs: ReadonlySet<string>) => Promise<ReadonlyMap<string, string>>;
}

/** What to look through. `only`: no more of it than these tips reach, where the rest is another repo's; `shallow`: where their history is cut off. */
export interface ToScan {
  readonly links: readonly Link[];
  readonly objectFormat: Manifest['objectFormat'];
  readonly only: { readonly tips: readonly string[]; readonly shallow: readonly string[] } | null;
}

/**
 * Reads bundles back from storage into a repo of their own, hands out the pointers in it, and throws it away. Every blob is looked at, whatever
 * refs say: a pointer may be in any commit.
 */
export async function withPointers<T>(
  { links, objectFormat, only }: ToScan,
  { scratch, host, ...place }: ScanPlace,
  use: (scanned: Scanned) => Promise<T>,
): Promise<T> {
  if (links.length === 0) return use({ pointers: new Map(), paths: async () => new Map() });
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const dir = await mkdtemp(join(scratch, 'lfs-'));
  try {
    await initBare(dir, objectFormat);
    await indexPacks(dir, chainPacks(links, place, { signal: host.signal }), { objectFormat }, host);
    if (only !== null) {
      await writeShallow(dir, only.shallow);
      await keepReachable(dir, only.tips, host);
    }
    const pointers = new Map<string, FoundPointer>();
    for await (const pointer of findPointers(dir, host)) pointers.set(pointer.oid, pointer);
    return await use({ pointers, paths: (blobs) => pathsOf(dir, blobs, host) });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
