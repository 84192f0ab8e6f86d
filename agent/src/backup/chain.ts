/** One link of a chain as far as its length matters: sealed bytes. */
interface Link {
  readonly bytes: number;
}

/** Longest chain before a new base: a restore by hand takes each link in turn. */
const longest = 100;
/** Increments weighing more than this share of the base hold mostly what nothing refers to any more. */
const heaviest = 0.5;
/** Below this size a new base costs more requests than it saves bytes. */
const smallest = 1_000_000;

/** Whether the next backup starts a new chain with a full bundle, and why; `null` when it adds to the chain it has. */
export function newBase(chain: readonly Link[]): string | null {
  const [base, ...increments] = chain;
  if (base === undefined) return 'there is no chain yet';
  if (chain.length >= longest) return `the chain has ${chain.length} links`;
  const added = increments.reduce((sum, link) => sum + link.bytes, 0);
  if (added > smallest && added > base.bytes * heaviest) return 'its increments weigh more than half of its base';
  return null;
}
