import type { MarkPlace } from '../../catalogue/marks.ts';
import type { MarkSubject } from '../../storage/layout.ts';
import { largeFilesInUse, readServer } from './large-files.ts';
import { listAgain } from './list-again.ts';
import { markAndSweep, type MarkedAndSwept } from './mark-and-sweep.ts';
import type { PruneParts } from './prune-place.ts';
import { sweepObjects } from './sweep.ts';

/** Prunes what belongs to no repo alone: large files that no snapshot names, and what was read of projects by runs that came to no end. */
export async function pruneServer(
  serverId: string,
  marks: ReadonlyMap<MarkSubject, readonly MarkPlace[]>,
  parts: PruneParts,
  signal: AbortSignal,
): Promise<MarkedAndSwept[]> {
  const { place } = parts;
  const { largeFiles, strayProjects, repos } = await readServer(place, serverId, signal);
  const of = async (subject: MarkSubject, unneeded: ReadonlyMap<string, number>): Promise<MarkedAndSwept> =>
    markAndSweep(
      {
        serverId,
        subject,
        snapshots: [],
        objects: [...unneeded.keys()],
        sweep: (mark) => sweepObjects(mark, unneeded, { place, serverId }, signal),
      },
      marks.get(subject) ?? [],
      parts,
      signal,
    );
  const inUse = largeFiles.size === 0 ? new Set<string>() : await largeFilesInUse(place, serverId, repos, signal);
  const projects = await of('projects', strayProjects);
  if (inUse === null) return [projects];
  const listed = await place.ledger.standing(serverId, signal);
  const needed = [...largeFiles.keys()].filter((name) => inUse.has(name));
  await listAgain(
    place,
    serverId,
    needed.filter((name) => !listed.has(name)),
    signal,
  );
  return [projects, await of('lfs', new Map([...largeFiles].filter(([name]) => !inUse.has(name))))];
}
