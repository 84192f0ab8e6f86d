import type { NamedHash } from '../../catalogue/ledger-list.ts';
import { dayOf, listMarks, type MarkPlace, namesOf, readMark, removeMark, type StoredMark, writeMark } from '../../catalogue/marks.ts';
import type { MarkSubject } from '../../storage/layout.ts';
import type { PruneParts } from './prune-place.ts';
import { type Leaving, letGo, nothingSwept, type Swept } from './sweep.ts';

const day = 86_400_000;

/** What is to be removed of one subject. */
export interface ToRemove {
  readonly serverId: string;
  readonly subject: MarkSubject;
  /** Snapshots, each with the SHA-256 of its sealed manifest. */
  readonly snapshots: readonly StoredMark['snapshots'][number][];
  readonly objects: readonly string[];
  /** What goes of an old mark. */
  readonly leaving: (mark: Pick<StoredMark, 'snapshots' | 'objects'>) => Leaving;
}

/** What was done, and which snapshots are marked now, each with the time from which on it may be removed. */
export interface MarkedAndSwept {
  readonly swept: Swept;
  readonly marked: { readonly snapshots: number; readonly objects: number };
  /** The new mark. */
  readonly written: NamedHash | null;
  readonly waiting: ReadonlyMap<string, string>;
}

/** What is to be done about one subject: a signed list says `names` are removed, then it is done. */
export interface MarkWork {
  readonly names: readonly string[];
  readonly act: () => Promise<MarkedAndSwept>;
}

/** Removes what was marked long enough ago, and marks what is not marked yet. `marks`: those of the subject. */
export async function markAndSweep(
  wanted: ToRemove,
  marks: readonly MarkPlace[],
  { place, clock, graceDays }: PruneParts,
  signal: AbortSignal,
): Promise<MarkWork> {
  const now = clock.now();
  const over: { readonly mark: MarkPlace; readonly leaving: Leaving }[] = [];
  const waiting = new Map<string, string>();
  const known = new Set<string>();
  for (const one of marks) {
    signal.throwIfAborted();
    const mark = one.voided ? undefined : await readMark(place.sealed, one, signal);
    for (const name of mark === undefined ? [] : [...mark.snapshots.map(({ id }) => id), ...mark.objects]) known.add(name);
    if (mark !== undefined && Date.parse(mark.dueAt) > now) {
      for (const { id } of mark.snapshots) waiting.set(id, mark.dueAt);
      continue;
    }
    // One that is void, or that cannot be read, goes without effect: what it named is marked again. Until it would be due the word stays that it is void.
    if (!one.voided || one.due <= dayOf(now)) over.push({ mark: one, leaving: mark === undefined ? nothing : wanted.leaving(mark) });
  }
  const snapshots = wanted.snapshots.filter(({ id }) => !known.has(id));
  const objects = wanted.objects.filter((name) => !known.has(name)).length;
  const act = async (): Promise<MarkedAndSwept> => {
    let swept = nothingSwept;
    for (const { mark, leaving } of over) {
      const done = await leaving.remove();
      swept = sum(swept, done);
      if (done.refused === 0 && !(await letGo(() => removeMark(place.sealed, mark)))) swept = { ...swept, refused: swept.refused + 1 };
    }
    const dueAt = now + graceDays * day;
    const { serverId, subject } = wanted;
    // All objects, also those of marks that wait: what a snapshot of this mark still needs then goes with it.
    const mark = { serverId, subject, snapshots, objects: wanted.objects, now, dueAt };
    const written = snapshots.length + objects === 0 ? null : await writeMark(place.sealed, mark, signal);
    if (written === null) return { swept, marked: { snapshots: 0, objects: 0 }, written, waiting };
    for (const { id } of snapshots) waiting.set(id, new Date(dueAt).toISOString());
    return { swept, marked: { snapshots: snapshots.length, objects }, written, waiting };
  };
  return { names: over.flatMap(({ mark, leaving }) => [...leaving.names, ...namesOf(mark)]), act };
}

const nothing: Leaving = { names: [], remove: async () => nothingSwept };

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
