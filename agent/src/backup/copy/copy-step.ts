import { AppError, asAppError } from '@gitprotect/shared/errors';
import { formatBytes, formatCount } from '@gitprotect/shared/format';
import type { CopyState } from '@gitprotect/shared/storage';
import { bytesOf } from '../../storage/bytes.ts';
import { serversFolder, storageFile, type RepoPlace } from '../../storage/layout.ts';
import type { Storage } from '../../storage/storage.ts';
import type { UpkeepContext, UpkeepStep } from '../upkeep.ts';
import { copyServer, type CopyProgress } from './copy-server.ts';
import { type CopyPruned, type CopyToPrune, pruneCopy } from './prune-copy.ts';

/** A storage that backups are copied to. */
export interface CopyTarget {
  readonly id: string;
  readonly name: string;
  /** Servers whose backups go there. */
  readonly serverIds: readonly string[];
  readonly leavesOut: (repo: RepoPlace) => boolean;
  /** The repos whose snapshots those of a repo lean on. */
  readonly leansOn: (repo: RepoPlace) => readonly RepoPlace[];
  /** Rejects with what is wrong with it. */
  readonly open: () => Promise<Storage>;
}

export interface CopyStepParts {
  readonly targets: () => Promise<readonly CopyTarget[]>;
  readonly copies: {
    state(id: string): Promise<CopyState | null>;
    save(id: string, state: CopyState): Promise<void>;
    leaving(id: string, serverId: string): CopyToPrune['waiting'];
  };
  /** How long what was pruned from the first storage stays in a copy. */
  readonly graceDays: number;
}

/** The longest that one copy is worked on at a time, in milliseconds; the rest follows the next time. */
const longest = 4 * 3_600_000;
/** How often its state is written down. */
const noted = 5_000;

/** Copies what is new to each plan's second storage, removes what was pruned, and catches up by itself after an outage. One that fails keeps no other from its turn. */
export function copyStep({ targets, copies, graceDays }: CopyStepParts): UpkeepStep {
  return {
    name: 'copy',
    run: async (context, signal) => {
      const said: string[] = [];
      const failures: AppError[] = [];
      for (const target of await targets()) {
        try {
          said.push(await copyTo(target, { ...context, copies, graceDays, signal }));
        } catch (error) {
          signal.throwIfAborted();
          failures.push(asAppError(error));
        }
      }
      const [first] = failures;
      if (first !== undefined)
        throw new AppError(
          first.code,
          [...failures.map(({ message }) => message), ...said].join('; '),
          first.remedy === undefined ? {} : { remedy: first.remedy },
        );
      return said.length === 0 ? 'no plan asks for a copy' : said.join('; ');
    },
  };
}

type Work = UpkeepContext & Pick<CopyStepParts, 'copies' | 'graceDays'> & { readonly signal: AbortSignal };

async function copyTo(target: CopyTarget, { place, clock, copies, graceDays, signal }: Work): Promise<string> {
  const before = await copies.state(target.id);
  const began = clock.now();
  const now = (): string => new Date(clock.now()).toISOString();
  const note = (of: Pick<CopyProgress, 'missing' | 'missingBytes'>, there: number, problem: string | null): Promise<void> =>
    copies.save(target.id, {
      objects: of.missing,
      bytes: of.missingBytes,
      there,
      behindSince: of.missing === 0 && problem === null ? null : (before?.behindSince ?? now()),
      wholeAt: of.missing === 0 && problem === null ? now() : (before?.wholeAt ?? null),
      problem,
    });
  const done: CopyProgress[] = [];
  const pruned: CopyPruned[] = [];
  try {
    const to = await target.open();
    await requireSame(place.plain, to, signal);
    let lastNote = began;
    for (const serverId of target.serverIds) {
      const route = {
        from: place.plain,
        ledger: place.ledger,
        to,
        leavesOut: target.leavesOut,
        leansOn: target.leansOn,
        goesOn: () => clock.now() - began < longest,
        signal,
      };
      const progress = await copyServer(serverId, route, async (soFar) => {
        if (clock.now() - lastNote < noted) return;
        lastNote = clock.now();
        await note(sum([...done, soFar]), before?.there ?? 0, null);
      });
      done.push(progress);
      // Only from a copy that is whole: it has the lists that say what was pruned, and nothing has to be found out about it first.
      if (progress.missing > 0) continue;
      const waiting = copies.leaving(target.id, serverId);
      pruned.push(await pruneCopy(serverId, { from: place.plain, to, ledger: place.ledger, waiting, clock, graceDays, signal }));
    }
  } catch (error) {
    signal.throwIfAborted();
    const { message, code, remedy } = asAppError(error);
    const wanted = await countWanted(target, place.ledger, signal);
    const there = before?.there ?? 0;
    const missing = Math.max(0, wanted - there - sum(done).copied);
    await note({ missing, missingBytes: 0 }, there, message);
    throw new AppError(code, `the copy in “${target.name}” is ${formatCount(missing, 'object')} behind: ${message}`, {
      remedy: remedy ?? 'put that storage right; the copy catches up by itself',
      cause: error,
    });
  }
  const all = sum(done);
  const unusable = done.flatMap((one) => one.unusable);
  const problem =
    unusable.length === 0
      ? null
      : `${unusable[0]} is gone or damaged in ${place.plain.place}${unusable.length > 1 ? `, and ${unusable.length - 1} more` : ''}`;
  await note(all, all.there, problem);
  if (problem !== null)
    throw new AppError('storage-corrupt', `the copy in “${target.name}” is ${formatCount(all.missing, 'object')} behind: ${problem}`, {
      remedy: 'put it back from a copy: gitprotect-agent storage repair',
    });
  const left =
    all.missing === 0 ? 'whole' : `${formatCount(all.missing, 'object')} (${formatBytes(all.missingBytes)}) follow the next time`;
  return `“${target.name}”: ${formatCount(all.copied, 'object')} (${formatBytes(all.copiedBytes)}) copied, ${left}${prunedWords(pruned)}`;
}

function prunedWords(pruned: readonly CopyPruned[]): string {
  const removed = pruned.reduce((count, one) => count + one.removed, 0);
  const kept = pruned.flatMap((one) => one.kept ?? []);
  return [
    ...(removed === 0 ? [] : [`; ${formatCount(removed, 'pruned object')} removed`]),
    ...kept.map((why) => `; what was pruned stays there: ${why}`),
  ].join('');
}

/** Two storages must never be mixed: a copy begins empty, or is one of this storage. */
async function requireSame(from: Storage, to: Storage, signal: AbortSignal): Promise<void> {
  const own = await markOf(from, signal);
  const theirs = await markOf(to, signal);
  if (theirs !== null && own !== null && theirs.equals(own)) return;
  let other = theirs !== null;
  if (!other) for await (const _ of to.list(serversFolder)) other = true;
  if (!other) return;
  throw new AppError('storage-foreign', `${to.place} holds other backups than ${from.place}`, {
    remedy: 'copy to an empty folder or prefix of its own',
  });
}

async function markOf(storage: Storage, signal: AbortSignal): Promise<Buffer | null> {
  try {
    return await bytesOf(await storage.get(storageFile, { signal }), 1_000_000, storageFile);
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null;
    throw error;
  }
}

/** Objects that are to be there, counted without looking. */
async function countWanted(target: CopyTarget, ledger: UpkeepContext['place']['ledger'], signal: AbortSignal): Promise<number> {
  let count = 0;
  for (const serverId of target.serverIds) count += (await ledger.standing(serverId, signal)).size;
  return count;
}

function sum(all: readonly CopyProgress[]): Omit<CopyProgress, 'unusable'> {
  const total = (field: 'there' | 'missing' | 'missingBytes' | 'copied' | 'copiedBytes') =>
    all.reduce((count, one) => count + one[field], 0);
  return {
    there: total('there'),
    missing: total('missing'),
    missingBytes: total('missingBytes'),
    copied: total('copied'),
    copiedBytes: total('copiedBytes'),
  };
}
