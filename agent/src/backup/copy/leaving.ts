import { kindOf, type ObjectKind } from '../../storage/layout.ts';

const day = 86_400_000;

/** What a copy has, and what the first storage says of it. */
export interface InCopy {
  /** Names of objects in the copy. */
  readonly there: readonly string[];
  /** What must be there, as the signed lists say. */
  readonly standing: { has(name: string): boolean };
  /** What the signed lists of pruning have taken out. */
  readonly pruned: { has(name: string): boolean };
  /** What lies in the first storage all the same: a removal was refused there, or has not been done yet. */
  readonly first: { has(name: string): boolean };
  /** When each was first seen to be no longer needed. Milliseconds since 1970. */
  readonly since: ReadonlyMap<string, number>;
}

/**
 * Which objects leave a copy now, manifests first and in an order in which none goes before what may rest on it, and since when each that is no longer
 * needed waits. Pure. Only what a signed list of pruning names goes, and not before it has waited as long here as it did there: what is merely missing from
 * the lists, because they or the database were lost, stays. While it lies in the first storage it does not even wait: somebody may want it again there. A time
 * that lies ahead is from before the clock was set back: the wait begins anew.
 */
export function leavingNow({ there, standing, pruned, first, since }: InCopy, now: number, graceDays: number) {
  const waiting = new Map<string, number>();
  for (const name of there) {
    if (!pruned.has(name) || standing.has(name) || first.has(name)) continue;
    const known = since.get(name);
    waiting.set(name, known === undefined || known > now ? now : known);
  }
  const due = [...waiting]
    .filter(([, from]) => now - from >= graceDays * day)
    .map(([name, since]) => ({ name, since, kind: kindOf(name) }));
  return { due: due.toSorted(inOrder).map(({ name }) => name), since: waiting };
}

interface Due {
  readonly name: string;
  readonly since: number;
  readonly kind: ObjectKind;
}

/** What waits longest rests on none of the others. Where that does not tell: a fork has a higher number than what it comes from, a snapshot than those it rests on. */
function inOrder(one: Due, other: Due): number {
  if (one.kind.kind !== 'manifest' || other.kind.kind !== 'manifest')
    return Number(other.kind.kind === 'manifest') - Number(one.kind.kind === 'manifest');
  return one.since - other.since || other.kind.repoId - one.kind.repoId || other.kind.sequence - one.kind.sequence;
}
