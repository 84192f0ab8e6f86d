import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { asDamage } from '../catalogue/damage.ts';
import type { ResolvedManifest } from '../catalogue/next-manifest.ts';
import { fsck } from '../git/git.ts';
import type { IncomingPack } from '../git/index-packs.ts';
import { tipsOf } from '../git/ref-listing.ts';
import { readRefs, rebuild } from '../git/rebuild.ts';
import { isRefusal, type GitHost } from '../git/run-git.ts';
import { chainPacks, type ChainPlace } from './chain-packs.ts';
import { compareRefs, type RepoRefs } from './compare-refs.ts';
import { keepOwn } from './keep-own.ts';

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
 * Makes the repo of a snapshot, bare, in `dir` (an existing empty folder), and checks it. After an error the folder is the caller's to remove.
 * @throws AppError `backup-damaged`, with the object at fault in `facts.object` where one is known; `git-missing`, `git-failed`
 */
export async function rebuildSnapshot(
  dir: string,
  resolved: ResolvedManifest,
  place: ChainPlace,
  options: RebuildOptions,
): Promise<Rebuilt> {
  const { host } = options;
  const { refs, manifest } = resolved;
  const { head, leansOn } = manifest;
  const { bytes, connected } = await readChain(dir, resolved, place, options);
  // What the server itself had lost is no fault of the backup.
  const lost = new Set(manifest.lost.map(({ oid }) => oid));
  if (leansOn !== null) await keepOwn(dir, { tips: tipsOf({ refs, head }), lost }, host);
  const differences = await differencesTo({ refs, head }, dir, host);
  // What the refs name is there, and with every object all that it links to: nothing is left to look for.
  if (connected && differences.length === 0) return { differences, fsck: [], verified: true, bytes };
  const { whole, complaints } = await fsck(dir, host, { expected: lost });
  return { differences, fsck: [...complaints], verified: differences.length === 0 && whole, bytes };
}

/** Reads the chain into `dir`, and writes the refs. `connected`: git has seen that all that any object of it links to is there. */
async function readChain(
  dir: string,
  { manifest, refs }: ResolvedManifest,
  place: ChainPlace,
  { host, onProgress }: RebuildOptions,
): Promise<{ readonly bytes: number; readonly connected: boolean }> {
  const { objectFormat, head, shallow, lost } = manifest;
  let bytes = 0;
  let { chain } = manifest;
  // Where something is known to be missing, or some of it is to be dropped, only a look at what is there in the end tells.
  let connected = lost.length === 0 && manifest.leansOn === null;
  for (;;) {
    const total = bytes + chain.reduce((sum, link) => sum + link.bytes, 0);
    const onBytes = (more: number): void => {
      bytes += more;
      onProgress?.(bytes, total);
    };
    let reading = '';
    const packs = async function* (): AsyncGenerator<IncomingPack, void> {
      for await (const pack of chainPacks(chain, place, { signal: host.signal, onBytes })) {
        reading = pack.name;
        yield pack;
      }
    };
    try {
      return { connected: await rebuild(dir, { objectFormat, packs: packs(), refs, head, shallow, connected }, host), bytes };
    } catch (caught) {
      if (connected && caught instanceof AppError && caught.code === 'git-failed') {
        // Once more without that question: fsck says what is missing, and whether the refs need it.
        connected = false;
        await emptyFolder(dir);
        continue;
      }
      const error = caught instanceof AppError && caught.code === 'git-corrupt-pack' ? asDamage(reading, caught) : caught;
      const object = error instanceof AppError && error.code === 'backup-damaged' ? error.facts['object'] : undefined;
      const bad = chain.find((link) => link.object === object);
      if (bad?.instead === undefined) throw error;
      // It was merged from bundles that are still there: once more, with them.
      chain = chain.flatMap((link) => (link === bad ? (link.instead ?? []) : [link]));
      await emptyFolder(dir);
    }
  }
}

/** Where the refs that git reads in `dir` differ from these. It reads none where one of them names what is not there. */
async function differencesTo(recorded: RepoRefs, dir: string, host: GitHost): Promise<string[]> {
  try {
    return compareRefs(recorded, await readRefs(dir, host));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return [error.message];
  }
}

/** Removes all that is in a folder. */
async function emptyFolder(dir: string): Promise<void> {
  for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true });
}
