import { askForWhole } from '../backup/prune/whole-prune.ts';
import { letGo } from '../backup/prune/sweep.ts';
import { namesOf } from '../catalogue/marks.ts';
import { newId } from '../lib/id.ts';
import { kindOf } from '../storage/layout.ts';
import type { Finding } from './look-over.ts';
import type { ProofPlace } from './place.ts';

/**
 * Takes marks out of storage that are not as they were written, or whose word that they are void is not: nothing is removed on their word, and the next
 * prune marks anew what is still to go.
 * @returns the findings, those about marks with what became of them
 */
export async function giveUpMarks(place: ProofPlace, serverId: string, found: readonly Finding[], signal: AbortSignal): Promise<Finding[]> {
  const names = new Set<string>();
  for (const { object } of found) {
    const kind = kindOf(object);
    if (kind.kind === 'mark' || kind.kind === 'void') for (const name of namesOf({ ...kind, voided: true })) names.add(name);
  }
  if (names.size === 0) return [...found];
  await place.ledger.append(serverId, { id: newId('verify'), added: [], removed: [...names] }, signal);
  for (const name of names) await letGo(() => place.plain.remove(name));
  await askForWhole(place.db, place.id);
  return found.map((one) =>
    names.has(one.object)
      ? {
          ...one,
          message: `${one.message}: it is about what is to be pruned, so no backup needs it, and nothing is removed on its word`,
          remedy: 'nothing: the next prune marks anew what is still to go; find out who can change the storage',
        }
      : one,
  );
}
