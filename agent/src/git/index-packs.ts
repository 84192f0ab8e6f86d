import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { AppError } from '@gitprotect/shared/errors';
import { concatPacks, type StoredPack } from './concat-packs.ts';
import type { ObjectFormat } from './object-id.ts';
import { gitFailed, runGit, type GitHost } from './run-git.ts';

/** A pack of a chain, opened once, when its turn comes. */
export interface IncomingPack extends StoredPack {
  /** Of the pack as it is stored. */
  readonly bytes: number;
}

export interface IndexOptions {
  readonly objectFormat: ObjectFormat;
  /**
   * Whether git is also to see that everything the objects of the chain link to is there, as `git clone` does: it has each of them in hand anyway.
   * It refuses what it misses, and what it cannot read as a link, with `git-failed`.
   */
  readonly connected?: boolean | undefined;
}

/** Packs of up to this many bytes together wait in memory to be indexed as one; a larger one is indexed as it comes. */
const together = 4 * 1024 * 1024;

/**
 * Feeds a chain, oldest pack first, to git, which hashes every object. Each pack is read once. Small neighbours are joined to one pack, as git takes
 * its time for each; where it refuses them they are halved: a server may send an object again that the chain already has, and then a thin
 * delta against it, which `git index-pack` takes within one pack for an error (“already resolved (duplicate base …)”).
 * @throws AppError `git-corrupt-pack`, `git-failed`; no pack is left half indexed
 */
export async function indexPacks(
  dir: string,
  packs: Iterable<IncomingPack> | AsyncIterable<IncomingPack>,
  options: IndexOptions,
  host: GitHost,
): Promise<void> {
  let waiting: IncomingPack[] = [];
  const indexWaiting = async (): Promise<void> => {
    await indexTogether(dir, waiting, options, host);
    waiting = [];
  };
  for await (const pack of packs) {
    // An empty repo has no pack, and git refuses to index one of 0 objects on some versions.
    if (pack.objectCount === 0) continue;
    if (waiting.reduce((sum, { bytes }) => sum + bytes, pack.bytes) > together) await indexWaiting();
    if (pack.bytes > together) await indexTogether(dir, [pack], options, host);
    else waiting.push(await kept(pack, options.objectFormat));
  }
  await indexWaiting();
}

/** A pack in memory, its count and trailer checked on the way. */
async function kept(pack: IncomingPack, format: ObjectFormat): Promise<IncomingPack> {
  const bytes = await buffer(concatPacks([{ ...pack, open: () => upTo(pack) }], format));
  return {
    ...pack,
    async *open() {
      yield bytes;
    },
  };
}

/** So that a pack which is not as small as was recorded does not fill the memory. */
async function* upTo(pack: IncomingPack): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const chunk of pack.open()) {
    bytes += chunk.length;
    if (bytes > pack.bytes) throw new AppError('git-corrupt-pack', `${pack.name} has more bytes than the ${pack.bytes} that were recorded`);
    yield chunk;
  }
}

async function indexTogether(dir: string, packs: readonly StoredPack[], options: IndexOptions, host: GitHost): Promise<void> {
  if (packs.length === 0) return;
  const { objectFormat, connected = false } = options;
  // No fsckObjects, ever: history that a strict git refuses was saved as it is and comes back as it is.
  const args = ['index-pack', '--stdin', '--fix-thin', ...(connected ? ['--check-self-contained-and-connected'] : [])];
  const output = await runGit(dir, args, host, concatPacks(packs, objectFormat));
  // With that option 1, and the pack's name, says: connected, some of it through packs that were here before.
  if (output.exitCode === 0 || (connected && output.exitCode === 1 && output.stdout.length > 0)) return;
  await removeUnfinished(join(dir, 'objects', 'pack'));
  if (packs.length === 1) throw gitFailed(`index the pack ${packs[0]?.name ?? ''} in ${dir}`, output);
  const half = Math.ceil(packs.length / 2);
  await indexTogether(dir, packs.slice(0, half), options, host);
  await indexTogether(dir, packs.slice(half), options, host);
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.startsWith('tmp_')) await rm(join(folder, name), { force: true });
}
