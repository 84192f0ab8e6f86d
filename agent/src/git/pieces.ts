import type { ListedRefs, Refs, RefTarget } from './ref-listing.ts';

/**
 * A first backup of more objects than this goes in pieces at once: gigabytes, however few bytes an object has. Below, a server that holds its
 * history in deltas does much more work for pieces than a cut now and then costs.
 */
export const wholeObjects = 5_000_000;
const objectsInPiece = 500_000;
const fewestPieces = 8;
const mostPieces = 20;

/** Into how many pieces to cut a first backup of so many objects: a cut connection then costs one piece, as no git client can resume. */
export function piecesFor(objects: number): number {
  return Math.min(mostPieces, Math.max(fewestPieces, Math.ceil(objects / objectsInPiece)));
}

/** Version and pull request numbers count as numbers: v1.9 is older than v1.10. */
const byNumber = new Intl.Collator('en', { numeric: true });

/**
 * A listing as a row of growing ones, the whole one last: first backups go from one to the next. Each step is an ordinary incremental fetch
 * (`planFetch(steps[i - 1], steps[i])`) and an ordinary link of the chain, so a run that was cut goes on from the last step it saved, even when
 * the server's refs have moved meanwhile.
 *
 * A listing has no dates. But version tags and pull request ids grow with time, so each step takes a further share of both; branches come last.
 * A repo without either is one piece.
 */
export function growingListings(whole: ListedRefs, pieces: number): ListedRefs[] {
  const tags = inOrder(whole.refs, 'refs/tags/');
  const pulls = inOrder(whole.refs, 'refs/pull-requests/');
  const steps: ListedRefs[] = [];
  for (let step = 1; step < pieces; step += 1) {
    const share = (entries: readonly Entry[]): readonly Entry[] => entries.slice(0, Math.floor((entries.length * step) / pieces));
    const refs = new Map([...share(tags), ...share(pulls)]);
    if (refs.size > (steps.at(-1)?.refs.size ?? 0)) steps.push({ ...whole, refs, head: {} });
  }
  return [...steps, whole];
}

type Entry = readonly [name: string, target: RefTarget];

function inOrder(refs: Refs, prefix: string): Entry[] {
  return [...refs].filter(([name]) => name.startsWith(prefix)).toSorted(([a], [b]) => byNumber.compare(a, b));
}
