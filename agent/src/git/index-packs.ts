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
   * Small packs that it refuses for it are indexed without; a large one, which is read but once, is `git-failed`.
   */
  readonly connected?: boolean | undefined;
}

/** How packs are indexed next. */
interface How {
  readonly objectFormat: ObjectFormat;
  readonly connected: boolean;
}

/** Packs of up to this many bytes together wait in memory to be indexed as one; a larger one is indexed as it comes. */
const together = 4 * 1024 * 1024;

/**
 * Feeds a chain, oldest pack first, to git, which hashes every object. Each pack is read once. Small neighbours are joined to one pack, as git takes
 * its time for each; where it refuses them they are halved: a server may send an object again that the chain already has, and then a thin
 * delta against it, which `git index-pack` takes within one pack for an error (“already resolved (duplicate base …)”).
 * @returns whether git has seen that all links are there: asked to, and not in vain
 * @throws AppError `git-corrupt-pack`, `git-failed`; no pack is left half indexed
 */
export async function indexPacks(
  dir: string,
  packs: Iterable<IncomingPack> | AsyncIterable<IncomingPack>,
  { objectFormat, connected = false }: IndexOptions,
  host: GitHost,
): Promise<boolean> {
  let how: How = { objectFormat, connected };
  let waiting: IncomingPack[] = [];
  const indexWaiting = async (): Promise<void> => {
    how = await indexTogether(dir, waiting, how, host);
    waiting = [];
  };
  for await (const pack of packs) {
    // An empty repo has no pack, and git refuses to index one of 0 objects on some versions.
    if (pack.objectCount === 0) continue;
    if (waiting.reduce((sum, { bytes }) => sum + bytes, pack.bytes) > together) await indexWaiting();
    if (pack.bytes > together) {
      const refusal = await refusalOf(dir, [pack], how, host);
      if (refusal !== undefined) throw refusal;
    } else waiting.push(await kept(pack, objectFormat));
  }
  await indexWaiting();
  return how.connected;
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

/**
 * Indexes packs that are in memory, also where git refuses them as one.
 * @returns how to go on: after a group that was not asked about `git fsck` has to look at all links anyway
 */
async function indexTogether(dir: string, packs: readonly StoredPack[], how: How, host: GitHost): Promise<How> {
  if (packs.length === 0) return how;
  const refusal = await refusalOf(dir, packs, how, host);
  if (refusal === undefined) return how;
  // When it is to look at links, git takes no object twice in one pack either.
  if (how.connected) return indexTogether(dir, packs, { ...how, connected: false }, host);
  if (packs.length === 1) throw refusal;
  const half = Math.ceil(packs.length / 2);
  await indexTogether(dir, packs.slice(0, half), how, host);
  await indexTogether(dir, packs.slice(half), how, host);
  return how;
}

/** Indexes packs as one; `undefined` when git took them. */
async function refusalOf(
  dir: string,
  packs: readonly StoredPack[],
  { objectFormat, connected }: How,
  host: GitHost,
): Promise<AppError | undefined> {
  // No fsckObjects, ever: history that a strict git refuses was saved as it is and comes back as it is.
  const args = ['index-pack', '--stdin', '--fix-thin', ...(connected ? ['--check-self-contained-and-connected'] : [])];
  const output = await runGit(dir, args, host, concatPacks(packs, objectFormat));
  // With that option 1, and the pack's name, says: connected, some of it through packs that were here before.
  if (output.exitCode === 0 || (connected && output.exitCode === 1 && output.stdout.length > 0)) return undefined;
  await removeUnfinished(join(dir, 'objects', 'pack'));
  return gitFailed(`index the pack ${packs[0]?.name ?? ''} in ${dir}`, output);
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.startsWith('tmp_')) await rm(join(folder, name), { force: true });
}
