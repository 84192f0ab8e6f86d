import type { MarkPlace, StoredMark } from '../../catalogue/marks.ts';
import { type MarkSubject, lfsFolder } from '../../storage/layout.ts';
import { largeFilesInUse, readServer } from './large-files.ts';
import { markAndSweep } from './mark-and-sweep.ts';
import type { PruneBatch } from './prune-batch.ts';
import type { PruneParts } from './prune-place.ts';
import { leavingObjects } from './sweep.ts';

/** Prunes what belongs to no repo alone: large files that no snapshot names, and what was read of projects by runs that came to no end. */
export async function pruneServer(
  serverId: string,
  {
    marks,
    batch,
    parts,
  }: { readonly marks: ReadonlyMap<MarkSubject, readonly MarkPlace[]>; readonly batch: PruneBatch; readonly parts: PruneParts },
  signal: AbortSignal,
): Promise<void> {
  const { place } = parts;
  const { largeFiles, strayProjects, repos } = await readServer(place, serverId, signal);
  const of = async (subject: MarkSubject, unneeded: ReadonlyMap<string, number>, staying: readonly string[] = []): Promise<void> => {
    const leaving = (mark: Pick<StoredMark, 'objects'>) => leavingObjects(mark, unneeded, place, signal);
    const wanted = { serverId, subject, snapshots: [], objects: [...unneeded.keys()], staying, leaving };
    const work = await markAndSweep(wanted, marks.get(subject) ?? [], parts, signal);
    await batch.add(serverId, { ...work, snapshots: 0, done: async () => undefined });
  };
  const inUse = largeFiles.size === 0 ? new Set<string>() : await largeFilesInUse(place, serverId, repos, signal);
  await of('projects', strayProjects);
  if (inUse === null) return;
  const listed = await place.ledger.standingBelow(serverId, lfsFolder(serverId));
  const staying = [...largeFiles.keys()].filter((name) => inUse.has(name) && !listed.has(name));
  await of('lfs', new Map([...largeFiles].filter(([name]) => !inUse.has(name))), staying);
}
