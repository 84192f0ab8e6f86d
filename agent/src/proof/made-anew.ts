import { askForWhole } from '../backup/prune/whole-prune.ts';
import { sayLean } from '../catalogue/leans.ts';
import type { NamedHash } from '../catalogue/ledger-list.ts';
import { namesOf } from '../catalogue/marks.ts';
import { newId } from '../lib/id.ts';
import { kindOf } from '../storage/layout.ts';
import { letGo } from '../storage/let-go.ts';
import type { Finding } from './look-over.ts';
import type { ProofPlace } from './place.ts';

/** What becomes of an object that no backup needs and that is not as it was written. */
interface GivenUp {
  /** Names that leave the lists and the storage, in this order. */
  readonly names: readonly string[];
  /** What is said again in its place, if anything. */
  readonly again?: NamedHash;
  /** What it was for. */
  readonly words: string;
  readonly remedy: string;
}

const find = 'find out who can change the storage';

/**
 * Takes objects out of storage that are not as they were written, where they are made anew or are known all the same: marks and words that they are void,
 * which remove nothing then; words about leaning, whose names say it all; records of drills.
 * @returns the findings, those about such objects with what became of them
 */
export async function giveUpMadeAnew(
  place: ProofPlace,
  serverId: string,
  found: readonly Finding[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const told: Finding[] = [];
  const removed = new Set<string>();
  const added: NamedHash[] = [];
  for (const one of found) {
    const given = await givenUp(place, one.object, signal);
    told.push(given === null ? one : { ...one, message: `${one.message}: ${given.words}`, remedy: `${given.remedy}; ${find}` });
    for (const name of given?.names ?? []) removed.add(name);
    if (given?.again !== undefined) added.push(given.again);
  }
  if (removed.size === 0) return told;
  await place.ledger.append(serverId, { id: newId('verify'), added, removed: [...removed] }, signal);
  for (const name of removed) await letGo(() => place.plain.remove(name));
  return told;
}

async function givenUp({ db, id, sealed }: ProofPlace, name: string, signal: AbortSignal): Promise<GivenUp | null> {
  const kind = kindOf(name);
  switch (kind.kind) {
    case 'mark':
    case 'void':
      await askForWhole(db, id);
      return {
        names: namesOf({ ...kind, voided: true }),
        words: 'it is about what is to be pruned, so no backup needs it, and nothing is removed on its word',
        remedy: 'nothing: the next prune marks anew what is still to go',
      };
    case 'lean':
      return {
        names: [name],
        again: await sayLean(sealed, kind, { snapshotId: kind.id, forkId: kind.forkId }, signal),
        words: `it says that repository ${kind.forkId} leans on snapshot ${kind.id}, which its name says too`,
        remedy: 'nothing: it was said again',
      };
    case 'drill':
      return {
        names: [name],
        words: 'it says what was proven by then, which this agent knows all the same',
        remedy: 'nothing: it was taken out, and drills go on',
      };
    default:
      return null;
  }
}
