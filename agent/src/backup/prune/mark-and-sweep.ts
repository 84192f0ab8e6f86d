import type { NamedHash } from '../../catalogue/ledger-list.ts';
import {
  dayOf,
  listMarks,
  type MarkPlace,
  mayBeLeaving,
  namesOf,
  readMark,
  removeMark,
  type StoredMark,
  writeMark,
} from '../../catalogue/marks.ts';
import { kindOf, type MarkSubject } from '../../storage/layout.ts';
import { toListAgain } from './list-again.ts';
import type { PruneParts } from './prune-place.ts';
import { letGo } from '../../storage/let-go.ts';
import { type Leaving, nothingSwept, type Swept } from './sweep.ts';

const day = 86_400_000;

/** What is to be removed of one subject. */
export interface ToRemove {
  readonly serverId: string;
  readonly subject: MarkSubject;
  /** Snapshots, each with the SHA-256 of its sealed manifest. */
  readonly snapshots: readonly StoredMark['snapshots'][number][];
  readonly objects: readonly string[];
  /** Names of objects that are there, are needed, and stand in no signed list. */
  readonly staying: readonly string[];
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
  /** Whether the next prune has to look at the subject for what is to be in the signed lists again. */
  readonly later: boolean;
}

/** What is to be done about one subject: a signed list says `names` are removed, and names `again` once more, then it is done. */
export interface MarkWork {
  readonly names: readonly string[];
  readonly again: readonly NamedHash[];
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
  // What is done later holds on to no more of a repo than it needs.
  const { serverId, subject, objects: unneeded } = wanted;
  const over: { readonly mark: MarkPlace; readonly leaving: Leaving }[] = [];
  const waiting = new Map<string, string>();
  const known = new Set<string>();
  const leaving = new Set<string>();
  for (const one of marks) {
    signal.throwIfAborted();
    const mark = one.voided ? undefined : await readMark(place.sealed, one, signal);
    for (const name of mark === undefined ? [] : [...mark.snapshots.map(({ id }) => id), ...mark.objects]) {
      known.add(name);
      if (mark !== undefined && mayBeLeaving(mark, now)) leaving.add(name);
    }
    if (mark !== undefined && Date.parse(mark.dueAt) > now) {
      for (const { id } of mark.snapshots) waiting.set(id, mark.dueAt);
      continue;
    }
    // One that is void, or that cannot be read, goes without effect: what it named is marked again. Until it would be due the word stays that it is void.
    if (!one.voided || one.due <= dayOf(now)) over.push({ mark: one, leaving: mark === undefined ? nothing : wanted.leaving(mark) });
  }
  const snapshots = wanted.snapshots.filter(({ id }) => !known.has(id));
  const objects = unneeded.filter((name) => !known.has(name)).length;
  // Another prune may judge otherwise, and be removing it: the mark goes last.
  const staying = wanted.staying.filter((name) => !leaving.has(asMarked(name)));
  const later = staying.length < wanted.staying.length;
  const act = async (): Promise<MarkedAndSwept> => {
    let swept = nothingSwept;
    for (const { mark, leaving } of over) {
      const done = await leaving.remove();
      swept = sum(swept, done);
      if (done.refused === 0 && !(await letGo(() => removeMark(place.sealed, mark)))) swept = { ...swept, refused: swept.refused + 1 };
    }
    const dueAt = now + graceDays * day;
    // All objects, also those of marks that wait: what a snapshot of this mark still needs then goes with it.
    const mark = { serverId, subject, snapshots, objects: unneeded, now, dueAt };
    const written = snapshots.length + objects === 0 ? null : await writeMark(place.sealed, mark, signal);
    if (written === null) return { swept, marked: { snapshots: 0, objects: 0 }, written, waiting, later };
    for (const { id } of snapshots) waiting.set(id, new Date(dueAt).toISOString());
    return { swept, marked: { snapshots: snapshots.length, objects }, written, waiting, later };
  };
  const names = over.flatMap((one) => [...one.leaving.names, ...namesOf(one.mark)]);
  return { names, again: await toListAgain(place, staying, signal), act };
}

/** As a mark names it. */
function asMarked(name: string): string {
  const kind = kindOf(name);
  return kind.kind === 'manifest' ? kind.id : name;
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
