import { createHash } from 'node:crypto';
import { AppError, asAppError } from '@gitprotect/shared/errors';
import { bytesOf } from '../storage/bytes.ts';
import { kindOf, runFolder, signatureName } from '../storage/layout.ts';
import type { LedgerPlace } from './ledger.ts';
import { readList, type ReadList } from './ledger-read.ts';

/** What is wrong with a list or its signature. */
export interface LedgerProblem {
  readonly object: string;
  readonly message: string;
  readonly remedy: string;
  /** The list, where the database knows what it said: it can be made good without its file. */
  readonly known: string | null;
}

/**
 * Reads all lists of a server and looks whether each is signed, whether those they come after are there as they were, and whether one that was
 * seen before is gone. `seen`: name -> SHA-256, of the database.
 */
export async function checkLists(
  place: LedgerPlace,
  serverId: string,
  seen: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<LedgerProblem[]> {
  const there = new Map<string, ReadList>();
  const broken = new Map<string, AppError>();
  const names: string[] = [];
  for await (const { name } of place.storage.list(runFolder(serverId))) if (kindOf(name).kind === 'list') names.push(name);
  for (const name of names) {
    try {
      there.set(name, await readList(place, name, signal));
    } catch (caught) {
      signal.throwIfAborted();
      const error = asAppError(caught);
      if (error.code !== 'storage-corrupt' && error.code !== 'not-found') throw error;
      broken.set(name, error);
    }
  }
  const lists = [...there.values()];
  const retired = new Set(lists.flatMap(({ removed }) => removed.map(({ name }) => name)));
  const named = lists.flatMap(({ previous }) => previous.map(({ name, sha256 }) => [name, sha256] as const));
  const expected = new Map([...named, ...seen]);
  const problems: LedgerProblem[] = [];
  const blame = (object: string, message: string, list = object) =>
    problems.push({ object, message, remedy: restore, known: seen.has(list) ? list : null });
  for (const [name, error] of broken) {
    const sha256 = expected.get(name);
    const signature = signatureName(name);
    if (sha256 === undefined || (await hashOf(place, name, signal)) !== sha256) blame(name, error.message);
    else blame(signature, `${signature} is missing, or is not the signature of its list`, name);
  }
  for (const [name, sha256] of expected) {
    if (broken.has(name) || there.get(name)?.sha256 === sha256) continue;
    if (there.has(name)) blame(name, `${name} was replaced: it is not the list that was written`);
    else blame(name, `${name} is not in storage: others cannot check what it listed, and the storage may have been set back`);
  }
  return problems.filter(({ object, known }) => !retired.has(object) && (known === null || !retired.has(known)));
}

const restore = 'put the object back from a copy of the storage, and find out who can change it';

async function hashOf({ storage }: LedgerPlace, name: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return createHash('sha256')
      .update(await bytesOf(await storage.get(name, { signal }), 500_000_000, name))
      .digest('hex');
  } catch (error) {
    if (error instanceof AppError && (error.code === 'not-found' || error.code === 'storage-corrupt')) return undefined;
    throw error;
  }
}
