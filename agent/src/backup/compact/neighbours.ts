/** One link of a chain as far as its size matters: sealed bytes. */
interface Sized {
  readonly bytes: number;
}

/** A chain up to this length is left alone: so few objects are read quickly. */
export const longest = 8;
/** A merge makes of its largest part something this many times larger, if it can: so a byte is rewritten a handful of times in years. */
const growth = 2;

/** Links `from` to `to` (exclusive) of a chain. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** So many links at the end of a chain are looked at: one that grew long before anybody merged it becomes short from there, a run at a time. */
const seen = 300;

/**
 * Which neighbours of a chain to merge now; `null` while it is short enough. Of all runs that at least double their largest link, the one that
 * rewrites the fewest bytes for the links it saves, with more links counting for more. Where the sizes allow no such run, less growth will do.
 */
export function neighboursToMerge(chain: readonly Sized[]): Run | null {
  if (chain.length <= longest) return null;
  const before = Math.max(0, chain.length - seen);
  const last = chain.slice(before);
  for (let excess = growth - 1; excess > 1e-9; excess /= 2) {
    const best = cheapest(last, 1 + excess);
    if (best !== undefined) return { from: before + best.from, to: before + best.to };
  }
  return { from: before, to: chain.length };
}

/** What merging makes of a chain: its length before and after, and the bytes that are rewritten for it. */
export function mergedTo(chain: readonly Sized[]): { readonly before: number; readonly after: number; readonly bytes: number } {
  let now = chain;
  let bytes = 0;
  for (let run = neighboursToMerge(now); run !== null; run = neighboursToMerge(now)) {
    const merged = now.slice(run.from, run.to).reduce((sum, link) => sum + link.bytes, 0);
    bytes += merged;
    now = [...now.slice(0, run.from), { bytes: merged }, ...now.slice(run.to)];
  }
  return { before: chain.length, after: now.length, bytes };
}

/** The best run of two links or more that makes `times` of its largest link. */
function cheapest(chain: readonly Sized[], times: number): Run | undefined {
  let best: Run | undefined;
  let least = Infinity;
  for (const [from, first] of chain.entries()) {
    let sum = first.bytes;
    let largest = first.bytes;
    for (const [at, { bytes }] of chain.slice(from + 1).entries()) {
      sum += bytes;
      largest = Math.max(largest, bytes);
      const cost = sum / (at + 1) ** 2;
      if (sum < largest * times || cost >= least) continue;
      best = { from, to: from + at + 2 };
      least = cost;
    }
  }
  return best;
}
