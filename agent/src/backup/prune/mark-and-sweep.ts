import { dayOf, listMarks, type MarkPlace, readMark, removeMark, type StoredMark, writeMark } from '../../catalogue/marks.ts';
import type { MarkSubject } from '../../storage/layout.ts';
import type { PruneParts } from './prune-place.ts';
import { nothingSwept, type Swept } from './sweep.ts';

const day = 86_400_000;

/** What is to be removed of one subject. */
export interface ToRemove {
  readonly serverId: string;
  readonly subject: MarkSubject;
  /** Snapshots, each with the SHA-256 of its sealed manifest. */
  readonly snapshots: readonly StoredMark['snapshots'][number][];
  readonly objects: readonly string[];
  /** Removes what an old mark names, as far as it is still to go. */
  readonly sweep: (mark: Pick<StoredMark, 'snapshots' | 'objects'>) => Promise<Swept>;
}

/** What was done, and which snapshots are marked now, each with the time from which on it may be removed. */
export interface MarkedAndSwept {
  readonly swept: Swept;
  readonly marked: { readonly snapshots: number; readonly objects: number };
  readonly waiting: ReadonlyMap<string, string>;
}

/** Removes what was marked long enough ago, and marks what is not marked yet. `marks`: those of the subject, by name. */
export async function markAndSweep(
  wanted: ToRemove,
  marks: readonly MarkPlace[],
  parts: PruneParts,
  signal: AbortSignal,
): Promise<MarkedAndSwept> {
  const { place, clock, graceDays } = parts;
  const now = clock.now();
  const swept: Swept[] = [];
  const waiting = new Map<string, string>();
  const known = new Set<string>();
  for (const one of marks) {
    signal.throwIfAborted();
    const mark = one.voided ? undefined : await readMark(place.sealed, one, signal);
    if (mark !== undefined && Date.parse(mark.dueAt) > now) {
      for (const { id } of mark.snapshots) waiting.set(id, mark.dueAt);
      for (const name of [...mark.snapshots.map(({ id }) => id), ...mark.objects]) known.add(name);
      continue;
    }
    // One that is void, or that cannot be read, goes without effect: what it named is marked again.
    const result = mark === undefined ? nothingSwept : await wanted.sweep(mark);
    swept.push(result);
    for (const name of mark === undefined ? [] : [...mark.snapshots.map(({ id }) => id), ...mark.objects]) known.add(name);
    if (result.refused === 0 && (mark !== undefined || one.due <= dayOf(now))) await removeMark(place.sealed, one);
  }
  const snapshots = wanted.snapshots.filter(({ id }) => !known.has(id));
  const objects = wanted.objects.filter((name) => !known.has(name)).length;
  const dueAt = now + graceDays * day;
  const { serverId, subject } = wanted;
  const anything = snapshots.length + objects > 0;
  // All objects, also those of marks that wait: what a snapshot of this mark still needs then goes with it.
  const mark = { serverId, subject, snapshots, objects: wanted.objects, now, dueAt };
  const written = anything && (await writeMark(place.sealed, mark, signal));
  if (written) for (const { id } of snapshots) waiting.set(id, new Date(dueAt).toISOString());
  return {
    swept: swept.reduce(sum, nothingSwept),
    marked: written ? { snapshots: snapshots.length, objects } : { snapshots: 0, objects: 0 },
    waiting,
  };
}

/** The marks of a server, listed once. */
export function marksBySubject(
  parts: PruneParts,
  signal: AbortSignal,
): (serverId: string) => Promise<ReadonlyMap<MarkSubject, readonly MarkPlace[]>> {
  const servers = new Map<string, Promise<ReadonlyMap<MarkSubject, readonly MarkPlace[]>>>();
  const list = async (serverId: string) => Map.groupBy(await listMarks(parts.place.storage, serverId, signal), ({ subject }) => subject);
  return (serverId) => {
    const known = servers.get(serverId) ?? list(serverId);
    servers.set(serverId, known);
    return known;
  };
}

export function sum(one: Swept, other: Swept): Swept {
  return {
    snapshots: one.snapshots + other.snapshots,
    objects: one.objects + other.objects,
    bytes: one.bytes + other.bytes,
    refused: one.refused + other.refused,
  };
}
