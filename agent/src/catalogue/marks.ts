import { AppError } from '@gitprotect/shared/errors';
import { Id, Time } from '@gitprotect/shared/text';
import * as v from 'valibot';
import { kindOf, markName, type MarkSubject, pruneFolder, voidName } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import { readSealedJson, writeSealedJson } from './sealed-json.ts';

/** What is to be removed, once a time of grace is over, unless it is needed again by then. */
const Mark = v.object({
  format: v.literal(1),
  server: v.object({ id: Id }),
  subject: v.string(),
  at: Time,
  /** Nothing of it is removed before. */
  dueAt: Time,
  /** Snapshots, each with the SHA-256 of its sealed manifest. */
  snapshots: v.array(v.object({ id: Id, sha256: v.string() })),
  /** Names of objects. */
  objects: v.array(v.string()),
});
type Mark = v.InferOutput<typeof Mark>;

/** A mark as it lies in storage. */
export interface StoredMark extends Omit<Mark, 'subject'> {
  readonly subject: MarkSubject;
  readonly due: string;
}

/** `20260308`, of a time in milliseconds. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10).replaceAll('-', '');

/** What a mark is written from. */
export interface MarkWanted {
  readonly serverId: string;
  readonly subject: MarkSubject;
  readonly snapshots: readonly Mark['snapshots'][number][];
  readonly objects: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly dueAt: number;
}

/** Writes a mark. One for each subject and day: `false` when another agent, or this one, has written today's. `storage` seals. */
export async function writeMark(storage: Storage, { serverId, now, dueAt, ...wanted }: MarkWanted, signal: AbortSignal): Promise<boolean> {
  const mark: Mark = {
    format: 1,
    server: { id: serverId },
    at: new Date(now).toISOString(),
    dueAt: new Date(dueAt).toISOString(),
    subject: wanted.subject,
    snapshots: [...wanted.snapshots],
    objects: [...wanted.objects],
  };
  try {
    await writeSealedJson(storage, markName(serverId, wanted.subject, dayOf(dueAt)), mark, signal);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'storage-exists') return false;
    throw error;
  }
}

/** A mark's place, by its name alone. */
export interface MarkPlace {
  readonly serverId: string;
  readonly subject: MarkSubject;
  readonly due: string;
  /** Somebody needs something of it again. */
  readonly voided: boolean;
}

/** The marks of a server; reads none of them. */
export async function listMarks(storage: Storage, serverId: string, signal: AbortSignal): Promise<MarkPlace[]> {
  const marks: Omit<MarkPlace, 'voided'>[] = [];
  const voided = new Set<string>();
  for await (const { name } of storage.list(pruneFolder(serverId))) {
    signal.throwIfAborted();
    const kind = kindOf(name);
    if (kind.kind === 'mark') marks.push({ serverId, subject: kind.subject, due: kind.due });
    if (kind.kind === 'void') voided.add(`${kind.subject}-${kind.due}`);
  }
  return marks.map((one) => ({ ...one, voided: voided.has(`${one.subject}-${one.due}`) }));
}

/** `undefined` for one that is gone, or that cannot be read: nothing is removed on its word. */
export async function readMark(
  storage: Storage,
  { serverId, subject, due }: MarkPlace,
  signal: AbortSignal,
): Promise<StoredMark | undefined> {
  try {
    const mark = await readSealedJson(storage, markName(serverId, subject, due), Mark, signal);
    const its = mark.server.id === serverId && mark.subject === subject && dayOf(Date.parse(mark.dueAt)) === due;
    return its ? { ...mark, subject, due } : undefined;
  } catch (error) {
    if (error instanceof AppError && ['not-found', 'storage-corrupt', 'storage-foreign'].includes(error.code)) return undefined;
    throw error;
  }
}

/** Takes a mark away, and the word that it is void. */
export async function removeMark(storage: Storage, { serverId, subject, due, voided }: MarkPlace): Promise<void> {
  await storage.remove(markName(serverId, subject, due));
  if (voided) await storage.remove(voidName(serverId, subject, due));
}

/** So long before it is due a mark can still be made void: whoever removes what is in it looks later, even where clocks differ. */
const margin = 86_400_000;

/**
 * Makes sure that large files which are in storage stay there for a snapshot that is being made: marks with any of them are made void.
 * @returns those that are about to be removed, so that nothing can be built on them
 */
export async function keepLargeFiles(
  storage: Storage,
  {
    serverId,
    names,
    now,
    signal,
  }: { readonly serverId: string; readonly names: ReadonlySet<string>; readonly now: number; readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const leaving = new Set<string>();
  if (names.size === 0) return leaving;
  for (const place of (await listMarks(storage, serverId, signal)).filter(({ subject, voided }) => subject === 'lfs' && !voided)) {
    const mark = await readMark(storage, place, signal);
    const wanted = (mark?.objects ?? []).filter((name) => names.has(name));
    if (mark === undefined || wanted.length === 0) continue;
    if (Date.parse(mark.dueAt) - margin <= now) for (const name of wanted) leaving.add(name);
    else await voidMark(storage, place, signal);
  }
  return leaving;
}

async function voidMark(storage: Storage, { serverId, subject, due }: MarkPlace, signal: AbortSignal): Promise<void> {
  try {
    await writeSealedJson(storage, voidName(serverId, subject, due), { format: 1 }, signal);
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'storage-exists')) throw error;
  }
}
