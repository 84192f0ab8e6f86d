import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { initBare } from './bare-repo.ts';
import { indexPacks, type IncomingPack, type IndexOptions } from './index-packs.ts';
import { isObjectId } from './object-id.ts';
import { decodeName, encodeName } from './ref-name.ts';
import type { Head, Refs, RefTarget } from './ref-listing.ts';
import { gitFailed, runGit, type GitHost } from './run-git.ts';
import { writeShallow } from './shallow.ts';

/** A snapshot, ready to become a repo: the packs of its chain, oldest first, and its refs. */
export interface Snapshot extends IndexOptions {
  readonly packs: Iterable<IncomingPack> | AsyncIterable<IncomingPack>;
  readonly refs: Refs;
  readonly head: Head;
  /** Commits where its history is cut off. */
  readonly shallow?: readonly string[] | undefined;
}

/**
 * Makes a bare repo of a snapshot in `dir`, an existing empty folder: all packs, then the refs in one file.
 * @returns whether all that the objects link to is there, as `indexPacks` says
 */
export async function rebuild(dir: string, { packs, refs, head, shallow = [], ...options }: Snapshot, host: GitHost): Promise<boolean> {
  await initBare(dir, options.objectFormat);
  await writeShallow(dir, shallow);
  const connected = await indexPacks(dir, packs, options, host);
  await writeRefs(dir, refs, head);
  return connected;
}

/**
 * Writes all refs as one `packed-refs` file, and HEAD. So names that differ only in case, or where one is a folder in another's way, never
 * become files; and 20,000 refs cost one write.
 */
export async function writeRefs(dir: string, refs: Refs, head: Head): Promise<void> {
  const lines = [...refs]
    .map(([name, target]) => ({ name: encodeName(name), ...target }))
    .toSorted((a, b) => Buffer.compare(a.name, b.name))
    .flatMap(({ name, oid, peeled }) => [Buffer.from(`${oid} `), name, Buffer.from(peeled === undefined ? '\n' : `\n^${peeled}\n`)]);
  await replaceFile(join(dir, 'packed-refs'), Buffer.concat([Buffer.from('# pack-refs with: peeled fully-peeled sorted \n'), ...lines]));
  if (head.symbolic !== undefined) await replaceFile(join(dir, 'HEAD'), encodeName(`ref: ${head.symbolic}\n`));
  else if (head.oid !== undefined) await replaceFile(join(dir, 'HEAD'), Buffer.from(`${head.oid}\n`));
}

async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, bytes);
  await rename(`${path}.new`, path);
}

/** The refs and HEAD of a repo on disk, in the shape of a listing, to compare with one. */
export async function readRefs(dir: string, host: GitHost): Promise<{ refs: Refs; head: Head }> {
  // show-ref peels tags of tags to the end, as ls-refs does; for-each-ref of git < 2.45 peels once.
  const output = await runGit(dir, ['show-ref', '--head', '--dereference'], host);
  // Exit code 1 and no word: there is no ref.
  if (output.exitCode !== 0 && !(output.exitCode === 1 && output.stderr === '')) throw gitFailed(`list the refs of ${dir}`, output);
  const refs = new Map<string, RefTarget>();
  let headOid: string | undefined;
  for (const line of decodeName(output.stdout).split('\n')) {
    const [oid, name] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
    if (!isObjectId(oid, 'sha1') && !isObjectId(oid, 'sha256')) continue;
    const target = refs.get(name.slice(0, -'^{}'.length));
    if (name === 'HEAD') headOid = oid;
    else if (name.endsWith('^{}') && target !== undefined) refs.set(name.slice(0, -'^{}'.length), { ...target, peeled: oid });
    else if (!name.endsWith('^{}')) refs.set(name, { oid });
  }
  const [, symbolic] = /^ref: ([^\n]+)/.exec(decodeName(await readFile(join(dir, 'HEAD')))) ?? [];
  const oid = headOid === undefined ? { unborn: true } : { oid: headOid };
  return { refs, head: symbolic === undefined ? oid : { symbolic, ...oid } };
}
