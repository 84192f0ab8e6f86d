import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { concatPacks, type StoredPack } from './concat-packs.ts';
import type { ObjectFormat } from './object-id.ts';
import { gitFailed, runGit, type GitHost } from './run-git.ts';

/** A pack of a chain, opened once, when its turn comes. */
export interface IncomingPack extends StoredPack {
  /** Of the pack as it is stored. */
  readonly bytes: number;
}

/** A pack up to this size waits in a file to be indexed together with its neighbours; a larger one is indexed as it comes. */
const small = 32 * 1024 * 1024;

/**
 * Feeds a chain, oldest pack first, to git, which hashes every object. Each pack is read once. Neighbours are joined to one pack, as git takes
 * its time for each; where it refuses them they are halved: a server may send an object again that the chain already has, and then a thin
 * delta against it, which `git index-pack` takes within one pack for an error (“already resolved (duplicate base …)”).
 * @throws AppError `git-corrupt-pack`, `git-failed`; no pack is left half indexed
 */
export async function indexPacks(
  dir: string,
  packs: Iterable<IncomingPack> | AsyncIterable<IncomingPack>,
  format: ObjectFormat,
  host: GitHost,
): Promise<void> {
  const folder = await mkdtemp(join(dir, 'incoming-'));
  try {
    let waiting: StoredPack[] = [];
    let number = 0;
    const indexWaiting = async (): Promise<void> => {
      await indexTogether(dir, waiting, format, host);
      for (const { name } of waiting) await rm(name);
      waiting = [];
    };
    for await (const pack of packs) {
      // An empty repo has no pack, and git refuses to index one of 0 objects on some versions.
      if (pack.objectCount === 0) continue;
      if (pack.bytes <= small) {
        waiting.push(await keep(join(folder, `${(number += 1)}.pack`), pack, format));
        continue;
      }
      await indexWaiting();
      await indexTogether(dir, [pack], format, host);
    }
    await indexWaiting();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes a pack into a file, its count and trailer checked on the way. */
async function keep(file: string, pack: IncomingPack, format: ObjectFormat): Promise<StoredPack> {
  await writeFile(file, concatPacks([pack], format), { flag: 'wx', mode: 0o600 });
  return { name: file, objectCount: pack.objectCount, open: () => createReadStream(file) };
}

async function indexTogether(dir: string, packs: readonly StoredPack[], format: ObjectFormat, host: GitHost): Promise<void> {
  if (packs.length === 0) return;
  // No fsckObjects, ever: history that a strict git refuses was saved as it is and comes back as it is.
  const output = await runGit(dir, ['index-pack', '--stdin', '--fix-thin'], host, concatPacks(packs, format));
  if (output.exitCode === 0) return;
  await removeUnfinished(join(dir, 'objects', 'pack'));
  if (packs.length === 1) throw gitFailed(`index the pack ${packs[0]?.name ?? ''} in ${dir}`, output);
  const half = Math.ceil(packs.length / 2);
  await indexTogether(dir, packs.slice(0, half), format, host);
  await indexTogether(dir, packs.slice(half), format, host);
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.startsWith('tmp_')) await rm(join(folder, name), { force: true });
}
