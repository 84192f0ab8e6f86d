import type { Packs } from '../catalogue/waste.ts';

/**
 * A chain of which more than this share is out of every ref's reach is given up. Old snapshots keep it until they go, so a new one pays only where it is
 * small beside the old: with this share, storage never holds more than 1.15 times one full backup and what has changed.
 */
const mostWaste = 0.7;
/** Below this size a new base costs more requests than it saves bytes. */
const smallest = 1_000_000;

/**
 * Whether the next backup starts a new chain with a full bundle, and why; `null` when it adds to the chain it has. Length is no reason: chains are kept
 * short by merging.
 * @param packs what the last drill found in it
 */
export function newBase(chain: readonly unknown[], packs: Packs | null): string | null {
  if (chain.length === 0) return 'there is no chain yet';
  if (packs === null || packs.bytes < smallest) return null;
  const waste = 1 - packs.reached / packs.bytes;
  return waste > mostWaste ? `no ref reaches ${Math.floor(waste * 100)} % of its chain any more` : null;
}
