import { AppError } from '@gitprotect/shared/errors';
import { Id, Time } from '@gitprotect/shared/text';
import * as v from 'valibot';
import { kindOf, markName, type MarkSubject, pruneFolder, voidName } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import type { NamedHash } from './ledger-list.ts';
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

/**
 * Writes a mark. One for each subject and day. `storage` seals.
 * @returns the object, for the signed lists; `null` when another agent, or this one, has written today's
 */
export async function writeMark(
  storage: Storage,
  { serverId, now, dueAt, ...wanted }: MarkWanted,
  signal: AbortSignal,
): Promise<NamedHash | null> {
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
    return await writeSealedJson(storage, markName(serverId, wanted.subject, dayOf(dueAt)), mark, signal);
  } catch (error) {
    if (error instanceof AppError && error.code === 'storage-exists') return null;
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

/** A mark's name, and that of the word that it is void, in the order in which they go. */
export function namesOf({ serverId, subject, due, voided }: MarkPlace): string[] {
  return [markName(serverId, subject, due), ...(voided ? [voidName(serverId, subject, due)] : [])];
}

/** Takes a mark away, and the word that it is void. */
export async function removeMark(storage: Storage, mark: MarkPlace): Promise<void> {
  for (const name of namesOf(mark)) await storage.remove(name);
}

/** So long before it is due a mark can still be made void: whoever removes what is in it looks later, even where clocks differ. */
const margin = 86_400_000;

/** Whether somebody may be removing what a mark names, if it is not void. `now` in milliseconds since 1970. */
export const mayBeLeaving = ({ dueAt }: Pick<StoredMark, 'dueAt'>, now: number): boolean => Date.parse(dueAt) - margin <= now;

/** Large files that are about to be removed, so that nothing can be built on them; and words that marks are void, for the signed lists. */
export interface KeptFiles {
  readonly leaving: ReadonlySet<string>;
  readonly added: readonly NamedHash[];
}

/** Makes sure that large files which are in storage stay there for a snapshot that is being made: marks with any of them are made void. */
export async function keepLargeFiles(
  storage: Storage,
  {
    serverId,
    names,
    now,
    signal,
  }: { readonly serverId: string; readonly names: ReadonlySet<string>; readonly now: number; readonly signal: AbortSignal },
): Promise<KeptFiles> {
  const leaving = new Set<string>();
  const added: NamedHash[] = [];
  if (names.size === 0) return { leaving, added };
  for (const place of (await listMarks(storage, serverId, signal)).filter(({ subject, voided }) => subject === 'lfs' && !voided)) {
    const mark = await readMark(storage, place, signal);
    const wanted = (mark?.objects ?? []).filter((name) => names.has(name));
    if (mark === undefined || wanted.length === 0) continue;
    if (mayBeLeaving(mark, now)) for (const name of wanted) leaving.add(name);
    else added.push(...(await voidMark(storage, place, signal)));
  }
  return { leaving, added };
}

async function voidMark(storage: Storage, { serverId, subject, due }: MarkPlace, signal: AbortSignal): Promise<NamedHash[]> {
  const record = { format: 1, server: { id: serverId }, subject, due };
  try {
    return [await writeSealedJson(storage, voidName(serverId, subject, due), record, signal)];
  } catch (error) {
    if (error instanceof AppError && error.code === 'storage-exists') return [];
    throw error;
  }
}
