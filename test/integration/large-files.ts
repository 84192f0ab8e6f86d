import { createHash } from 'node:crypto';
import { lfsOf } from '@gitprotect/agent/restore/lfs/stored-lfs';
import { lfsPointer } from '../bitbucket/lfs-pointer.ts';
import type { World } from '../world.ts';

const { signal } = new AbortController();

/** The oid of a large file, by its content. */
export const oidOf = (content: string): string => createHash('sha256').update(content).digest('hex');

/** What git has in the place of a large file, by its content. */
export const pointerTo = (content: string): string => lfsPointer(oidOf(content), content.length);

/** Large files in storage, by oid. */
export async function storedLargeFiles(world: World): Promise<string[]> {
  const { plain } = await world.app.place(signal);
  const names: string[] = [];
  for await (const { name } of plain.list('servers/'))
    if (name.includes('/lfs/')) names.push(name.slice(-'.age'.length - 64, -'.age'.length));
  return names.toSorted();
}

/** What the newest snapshot of a repo says of large files, and the oids it needs. */
export async function largeFilesOf(world: World, slug: string) {
  const { catalogue, plain, keys } = await world.app.place(signal);
  const snapshot = (await catalogue.list({})).filter((one) => one.slug === slug).toSorted((a, b) => b.id.localeCompare(a.id))[0];
  if (snapshot === undefined) throw new Error('no snapshot');
  const { manifest } = await catalogue.manifest(await catalogue.find({ repo: snapshot, snapshotId: snapshot.id }), { signal });
  const needed: string[] = [];
  for await (const { oid } of lfsOf(manifest, { storage: plain, keys }, signal)) needed.push(oid);
  return { lfs: manifest.lfs, needed: needed.toSorted() };
}
