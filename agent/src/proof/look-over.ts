import { createHash } from 'node:crypto';
import { asAppError } from '@gitprotect/shared/errors';
import type { StorageProblem } from '@gitprotect/shared/proof';
import { newId } from '../lib/id.ts';
import type { Clock } from '../lib/clock.ts';
import { serverFolder } from '../storage/layout.ts';
import { damaged } from './checked-objects.ts';
import { objectsToRead } from './due.ts';
import { giveUpMadeAnew } from './made-anew.ts';
import type { ProofPlace } from './place.ts';
import { putRight } from './put-right.ts';
import { sayHoldsAgain } from './say-holds-again.ts';

export interface LookOptions {
  readonly clock: Clock;
  /** Each object is read within so many days; `null`: all are read now. */
  readonly days: number | null;
  /** Objects that were read just now, and are whole. */
  readonly alreadyRead?: ReadonlySet<string> | undefined;
  /** Told as it goes: objects read, and how many there are to read. */
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/** What was looked at, and what is not as it was written. */
export interface Looked {
  /** Objects that must be there. */
  readonly objects: number;
  readonly read: number;
  readonly bytes: number;
  readonly problems: readonly StorageProblem[];
}

/**
 * Compares a storage with its ledger: every list and signature, that every object is there in its size, and the SHA-256 of those whose turn it is. Needs no
 * key but the one that signs. What it finds in a repo's newest snapshot makes the next backup a full one.
 */
export async function lookOver(place: ProofPlace, options: LookOptions): Promise<Looked> {
  const { signal } = options;
  const problems: StorageProblem[] = [];
  const sum = { objects: 0, read: 0, bytes: 0 };
  for (const serverId of await serversIn(place)) {
    signal.throwIfAborted();
    // Storage is listed before the ledger is read: what goes in between is said to go there first.
    const there = new Map<string, number>();
    for await (const { name, bytes } of place.plain.list(serverFolder(serverId))) there.set(name, bytes);
    const found: Finding[] = [];
    const ofLists = await place.ledger.check(serverId, signal);
    const healed = await place.ledger.heal(serverId, newId('verify'), ofLists, signal);
    for (const { object, message, remedy } of ofLists) {
      const done = healed.includes(object);
      found.push({
        object,
        message,
        remedy: done ? 'nothing: it was written anew from what this agent knows; find out who can change the storage' : remedy,
      });
    }
    const looked = await lookAt(place, serverId, there, options);
    found.push(...(await notPruned(place, serverId, looked.found, signal)));
    sum.objects += looked.objects;
    sum.read += looked.read;
    sum.bytes += looked.bytes;
    const told = await giveUpMadeAnew(place, serverId, found, signal);
    const said = await sayHoldsAgain(place, serverId, told, { now: options.clock.now(), signal });
    problems.push(...(await putRight(place, serverId, said, signal)));
  }
  return { ...sum, problems };
}

/** Without what somebody has pruned since the lists were read: reading takes hours, and another agent may work there as well. */
async function notPruned({ ledger }: ProofPlace, serverId: string, found: readonly Finding[], signal: AbortSignal): Promise<Finding[]> {
  if (found.length === 0) return [];
  await ledger.catchUp(serverId, signal);
  const pruned = await ledger.removed(found.map(({ object }) => object));
  return found.filter(({ object }) => !pruned.has(object));
}

/** An object that is not as it was written. */
export interface Finding {
  readonly object: string;
  readonly message: string;
  readonly remedy?: string | undefined;
}

async function lookAt(
  place: ProofPlace,
  serverId: string,
  there: ReadonlyMap<string, number>,
  { clock, days, alreadyRead, onProgress, signal }: LookOptions,
): Promise<{ found: Finding[]; objects: number; read: number; bytes: number }> {
  const { db, plain, id: storageId } = place;
  const rows = await db
    .selectFrom('ledger_objects')
    .selectAll()
    .where('storage_id', '=', storageId)
    .where('server_id', '=', serverId)
    .execute();
  const found: Finding[] = [];
  const present: { row: (typeof rows)[number]; bytes: number }[] = [];
  const set = (name: string, values: { bytes?: number; checked_at?: string; problem?: string | null }) =>
    db
      .updateTable('ledger_objects')
      .set(values)
      .where('storage_id', '=', storageId)
      .where('server_id', '=', serverId)
      .where('name', '=', name)
      .execute();
  for (const row of rows) {
    // What came after the listing, or lies beside the server's folder, is asked for by name.
    const bytes = there.get(row.name) ?? (await plain.stat(row.name))?.bytes;
    if (bytes === undefined) found.push({ object: row.name, message: `${row.name} is not in storage` });
    else if (row.bytes !== null && row.bytes !== bytes)
      found.push({ object: row.name, message: `${row.name} has ${bytes} bytes where ${row.bytes} were written` });
    else present.push({ row, bytes });
    if (row.bytes === null && bytes !== undefined) await set(row.name, { bytes });
  }
  const now = new Date(clock.now()).toISOString();
  const states = present.map(({ row, bytes }) => ({
    name: row.name,
    bytes,
    checkedAt: row.checked_at === null ? null : Date.parse(row.checked_at),
    problem: row.problem,
  }));
  const due = new Set(days === null ? states.map(({ name }) => name) : objectsToRead(states, days, clock.now()));
  let read = 0;
  let total = 0;
  for (const { row, bytes } of present.filter((one) => due.has(one.row.name))) {
    signal.throwIfAborted();
    const problem = alreadyRead?.has(row.name) === true ? null : await compare(place, row, signal);
    if (problem !== null) found.push({ object: row.name, message: problem });
    await set(row.name, { checked_at: now, problem });
    read += 1;
    total += bytes;
    onProgress?.(read, due.size);
  }
  return { found, objects: rows.length, read, bytes: total };
}

/** What is wrong with the bytes of an object, or `null`. */
async function compare(
  { plain }: ProofPlace,
  { name, sha256 }: { readonly name: string; readonly sha256: string },
  signal: AbortSignal,
): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const piece of await plain.get(name, { signal })) hash.update(piece);
  } catch (caught) {
    signal.throwIfAborted();
    const error = asAppError(caught);
    if (!damaged.has(error.code)) throw caught;
    return error.message;
  }
  return hash.digest('hex') === sha256 ? null : `${name} was changed in storage: its bytes are not those that were written`;
}

/** Those this agent knows, and those that have lists in storage. */
async function serversIn({ db, ledger }: ProofPlace): Promise<string[]> {
  const rows = await db.selectFrom('snapshots').select('server_id').distinct().execute();
  return [...new Set([...(await ledger.servers()), ...rows.map(({ server_id }) => server_id)])].toSorted();
}
